using Pallas.Machine;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Fuzz.Simulation;

/// <summary>One hash of a whole state and of every value that it refers to.</summary>
internal static class Fingerprint
{
    /// <exception cref="SimViolation">A pin holds something else than its hash says.</exception>
    public static Hash256 Of(MachineState state)
    {
        var root = state.ToRoot();
        var seen = new HashSet<Hash256>();
        var todo = new Stack<Pin>([root]);
        while (todo.TryPop(out var pin))
        {
            if (!seen.Add(pin.Hash))
                continue;
            if (PinHash.Of(pin.Item) != pin.Hash)
                throw new SimViolation($"the pin {pin.Hash} holds something else");
            foreach (var inner in pin.Refs)
                todo.Push(inner);
        }
        return root.Hash;
    }
}

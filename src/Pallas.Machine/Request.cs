using Pallas.Values;

namespace Pallas.Machine;

/// <summary>A request of a cog, read from one slot of its last argument.</summary>
public abstract record Request
{
    /// <summary>The device whose requests have no flag: <c>[%tcp args..]</c>.</summary>
    public const string FlaglessDevice = "tcp";

    private Request()
    {
    }

    /// <summary><c>[device flag args..]</c>, the flag being 0 or 1.</summary>
    public sealed record Call(Nat Device, Value[] Args) : Request;

    /// <summary><c>[%eval seconds f x ..]</c>.</summary>
    public sealed record Eval(Nat Seconds, Value Function, Value[] Args) : Request;

    /// <summary><c>[%what set]</c>: answered if the set of the machine's devices is another.
    /// </summary>
    public sealed record What(Set Devices) : Request;

    /// <summary><c>[%cog %spin f]</c>.</summary>
    public sealed record Spin(Value Function) : Request;

    /// <summary><c>[%cog %reap id]</c>.</summary>
    public sealed record Reap(CogId Cog) : Request;

    /// <summary><c>[%cog %stop id]</c>.</summary>
    public sealed record Stop(CogId Cog) : Request;

    /// <summary><c>[%cog %wait id]</c>.</summary>
    public sealed record Wait(CogId Cog) : Request;

    /// <summary><c>[%cog %ask id channel x]</c>.</summary>
    public sealed record Ask(CogId Cog, ulong Channel, Value Message) : Request;

    /// <summary><c>[%cog %tell channel f]</c>.</summary>
    public sealed record Tell(ulong Channel, Value Function) : Request;

    /// <summary><c>[%cog %who]</c>.</summary>
    public sealed record Who : Request;

    /// <summary>Any other value: it stays open, and the status shows it as unanswerable.</summary>
    public sealed record Unknown : Request;

    /// <summary>Reads a slot that is not 0.</summary>
    public static Request Read(Value value)
    {
        if (value is not Row { Count: > 1 } row || row[0] is not Nat name)
            return new Unknown();
        var request = name.ToText() switch
        {
            "eval" => ReadEval(row),
            "what" => ReadWhat(row),
            "cog" => ReadCogCall(row),
            FlaglessDevice => new Call(name, row.ToArray()[1..]),
            _ => ReadCall(name, row),
        };
        return request ?? new Unknown();
    }

    private static Eval? ReadEval(Row row) =>
        row.Count >= 4 && row[1] is Nat seconds
            ? new Eval(seconds, row[2], row.ToArray()[3..])
            : null;

    private static What? ReadWhat(Row row) =>
        row.Count == 2 && row[1] is Set devices ? new What(devices) : null;

    private static Call? ReadCall(Nat device, Row row) =>
        row.Count >= 3 && row[1] is SmallNat { Word: <= 1 }
            ? new Call(device, row.ToArray()[2..])
            : null;

    private static Request? ReadCogCall(Row row)
    {
        var first = row.Count > 2 ? (row[2] as SmallNat)?.Word : null;
        var channel = row.Count > 3 ? (row[3] as SmallNat)?.Word : null;
        return ((row[1] as Nat)?.ToText(), row.Count, first) switch
        {
            ("who", 2, _) => new Who(),
            ("spin", 3, _) => new Spin(row[2]),
            ("reap", 3, { } cog) => new Reap(new CogId(cog)),
            ("stop", 3, { } cog) => new Stop(new CogId(cog)),
            ("wait", 3, { } cog) => new Wait(new CogId(cog)),
            ("tell", 4, { } number) => new Tell(number, row[3]),
            ("ask", 5, { } cog) when channel is { } number =>
                new Ask(new CogId(cog), number, row[4]),
            _ => null,
        };
    }
}

/// <summary>The row of requests that a cog's function shows as its last argument.</summary>
public static class Requests
{
    /// <summary>Empty if the function shows none.</summary>
    /// <param name="function">In normal form.</param>
    public static IReadOnlyList<Value> RowOf(Value function) =>
        function is App app && app[app.Count - 1] is Row row ? row.ToArray() : [];

    /// <summary>Whether a function shows any request.</summary>
    /// <param name="function">In normal form.</param>
    public static bool HasAny(Value function)
    {
        if (function is not App app || app[app.Count - 1] is not Row row)
            return false;
        for (var slot = 0; slot < row.Count; slot++)
        {
            if (IsRequest(row[slot]))
                return true;
        }
        return false;
    }

    /// <summary>A slot of 0 is no request.</summary>
    public static bool IsRequest(Value slot) => slot is not Nat { IsZero: true };

    /// <summary>The request in a slot of a spinning cog, or null.</summary>
    public static Request? At(MachineState state, CogId cog, int slot)
    {
        if (state.Find(cog) is not CogState.Spinning { Function: App app }
            || app[app.Count - 1] is not Row row)
            return null;
        return slot < row.Count && IsRequest(row[slot]) ? Request.Read(row[slot]) : null;
    }
}

/// <summary>The change of a cog's open requests by an event.</summary>
/// <param name="Cancelled">Slots whose request is withdrawn.</param>
/// <param name="Issued">Slots whose request is new, with its value.</param>
public sealed record RequestDiff(
    IReadOnlyList<int> Cancelled, IReadOnlyList<KeyValuePair<int, Value>> Issued)
{
    /// <summary>Compares the open slots with the row that the cog shows now.</summary>
    /// <remarks>
    /// A slot that was answered counts as empty, so its request, even an equal one, is new. An open
    /// slot that shows another value is cancelled and issued. An unchanged one stays open.
    /// </remarks>
    /// <param name="open">The open requests by slot.</param>
    /// <param name="answered">The slots that the event answered.</param>
    public static RequestDiff Of(
        IReadOnlyDictionary<int, Value> open, IReadOnlySet<int> answered, IReadOnlyList<Value> row)
    {
        var cancelled = new List<int>();
        var issued = new List<KeyValuePair<int, Value>>();
        foreach (var (slot, value) in open)
        {
            var stays = slot < row.Count && Order.Equal(value, row[slot]);
            if (!stays && !answered.Contains(slot))
                cancelled.Add(slot);
        }
        for (var slot = 0; slot < row.Count; slot++)
        {
            if (!Requests.IsRequest(row[slot]))
                continue;
            var stays = open.TryGetValue(slot, out var value)
                && !answered.Contains(slot)
                && Order.Equal(value, row[slot]);
            if (!stays)
                issued.Add(new(slot, row[slot]));
        }
        return new RequestDiff(cancelled, issued);
    }
}

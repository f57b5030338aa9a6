using System.Text;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>The reference table of all requests, printed from the tables of the devices.</summary>
public static class RequestTable
{
    /// <summary>The requests that the machine itself answers; to a reader, one more device.
    /// </summary>
    private static readonly (string Shape, CallShape Call)[] OfTheMachine =
    [
        ("[%eval seconds f x ..]", new("", "", CallKind.TakesIn,
            "`[y]`, the normal form of `(f x ..)`",
            "`[op arg]` when it crashed, `[]` when it took longer than the seconds")),
        ("[%what set]", new("", "", CallKind.TakesIn,
            "the set of the devices, when it is not the given one")),
        ("[%cog %who]", new("", "", CallKind.TakesIn, "the id of the cog that asks")),
        ("[%cog %spin f]", new("", "", CallKind.TakesIn, "the id of a new cog, which is f")),
        ("[%cog %wait id]", new("", "", CallKind.TakesIn, "0 when there is no such cog any more")),
        ("[%cog %reap id]", new("", "", CallKind.TakesIn,
            "`(0 state)`, when it has ended; it is gone then", "0 when there is no such cog")),
        ("[%cog %stop id]", new("", "", CallKind.TakesIn,
            "`(0 state)`; it is gone then", "0 when there is no such cog")),
        ("[%cog %ask id channel x]", new("", "", CallKind.TakesIn,
            "`(0 y)`, what the other's tell makes of x",
            "0 when it crashed, or there is no such cog")),
        ("[%cog %tell channel f]", new("", "", CallKind.TakesIn,
            "the second element of `(f asker x)`, the first being the asker's answer")),
    ];

    /// <summary>The table in Markdown.</summary>
    public static string Print(IEnumerable<IDevice> devices)
    {
        var text = new StringBuilder();
        text.Append("| request | answer | failure | waits for the commit |\n");
        text.Append("|---|---|---|---|\n");
        foreach (var (shape, call) in OfTheMachine)
            Append(text, shape, call);
        foreach (var device in devices)
        {
            foreach (var call in device.Calls)
                Append(text, ShapeOf(device, call), call);
        }
        return text.ToString();
    }

    /// <summary>The correct form of the request that an unknown one resembles; null if it resembles
    /// none.</summary>
    /// <param name="request">In normal form.</param>
    internal static string? ShapeLike(Value request, IReadOnlyDictionary<Nat, IDevice> devices)
    {
        if (request is not Row { Count: > 0 } row || row[0] is not Nat name)
            return null;
        if (!devices.TryGetValue(name, out var device))
        {
            var call = row.Count > 1 && row[1] is Nat word ? $" %{word.ToText()}" : "";
            return OfTheMachine.Select(entry => entry.Shape).FirstOrDefault(shape =>
                shape.StartsWith($"[%{name.ToText()}{call}", StringComparison.Ordinal));
        }
        foreach (var call in device.Calls)
        {
            if (row.ToArray().Take(3).Contains(Nat.OfText(call.Name)))
                return ShapeOf(device, call);
        }
        return null;
    }

    private static string ShapeOf(IDevice device, CallShape call)
    {
        var flag = device.Name == Request.FlaglessDevice ? "" : " 0";
        var args = call.Args.Length == 0 ? "" : $" {call.Args}";
        return $"[%{device.Name}{flag} %{call.Name}{args}]";
    }

    private static void Append(StringBuilder text, string shape, CallShape call)
    {
        var waits = call.Kind == CallKind.Acts ? "yes" : "no";
        text.Append($"| `{shape}` | {call.Answer} | {call.Failure} | {waits} |\n");
    }
}

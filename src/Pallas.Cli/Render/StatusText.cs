using Pallas.Machine;
using Pallas.Sire.Print;
using Pallas.Values;

namespace Pallas.Cli.Render;

/// <summary>The state of a cog in words.</summary>
internal static class StatusText
{
    public const int RequestPartsMax = 100;

    private const int PartsMax = 200;

    /// <summary>A cog and its open requests, a line for each.</summary>
    public static string Of(CogStatus cog) =>
        string.Join('\n', [$"cog {cog.Id} {Of(cog.State)}", .. cog.OpenRequests.Select(Of)]);

    public static string Of(CogState state) => state switch
    {
        CogState.Spinning => "runs",
        CogState.Finished => "has finished",
        CogState.Crashed crashed => OfCrash(crashed.Op, crashed.Argument),
        CogState.TimedOut timedOut =>
            $"took too long for an event ({Show(timedOut.Nanoseconds)} ns)",
        _ => state.ToString()!,
    };

    /// <summary>Why a served function returned no answer.</summary>
    public static string Of(ServedFailure why) => why switch
    {
        ServedFailure.Crashed crashed => OfCrash(crashed.Op, crashed.Argument),
        ServedFailure.NoAnswer { Result: var result } =>
            $"answered neither NONE nor (SOME [code message headers body]): {Show(result)}",
        _ => "took too long",
    };

    /// <summary>The state in one word.</summary>
    public static string KindOf(CogState state) => state switch
    {
        CogState.Spinning => "running",
        CogState.Finished => "finished",
        CogState.Crashed crashed => crashed.Op.Equals(CogState.FaultOp) ? "faulted" : "crashed",
        _ => "timed-out",
    };

    private static string OfCrash(Nat op, Value argument) =>
        op.Equals(CogState.FaultOp) && argument is Nat kind && Fault(kind) is { } fault
            ? $"met a machine fault: {fault}"
            : $"crashed: {Show(op)} was applied to {Show(argument)}";

    private static string Of(RequestStatus request)
    {
        var head = $"    request {request.Slot}: ";
        var value = Loot.Show(request.Value, RequestPartsMax).Trim();
        return head + value.Replace("\n", "\n" + new string(' ', head.Length))
            + (request.IsUnknown ? "  (nothing answers this)" : "");
    }

    private static string? Fault(Nat kind) => kind.ToText() switch
    {
        "loop" => "a value depends on itself",
        "depth" => "the evaluation is nested too deeply",
        "memory" => "an event takes too much memory",
        "jet" => "a jet was not used (--jet-mismatch, --jet-fallback)",
        _ => null,
    };

    /// <summary>Indents all lines but the first.</summary>
    private static string Show(Value value) =>
        Loot.Show(value, PartsMax).Trim().Replace("\n", "\n    ");
}

using System.Globalization;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>The name of a cog within its machine, drawn at random when the cog is made.</summary>
public readonly record struct CogId(ulong Number) : IComparable<CogId>
{
    public int CompareTo(CogId other) => Number.CompareTo(other.Number);

    public override string ToString() => Number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The state of a cog. Programs see it as <c>[0 f]</c>, <c>[1 f]</c>, <c>[2 op arg f]</c>,
/// <c>[3 ns f]</c>; f is the cog's function after its last good event.</summary>
public abstract class CogState
{
    /// <summary>The crash code of an event that the machine could not finish. The argument names
    /// the cause: <c>%loop</c>, <c>%depth</c> or <c>%memory</c>.</summary>
    public static readonly Nat FaultOp = Nat.OfText("fault");

    private Pin? pin;

    private CogState(Value function) => Function = function;

    /// <summary>In normal form.</summary>
    public Value Function { get; }

    /// <summary>The state as the value that programs see.</summary>
    public abstract Row ToValue();

    /// <summary>The same value as a pin, for snapshots. It is made once.</summary>
    public Pin ToPin() => pin ??= Pin.Make(ToValue());

    /// <summary>The state of a cog whose function is new.</summary>
    public static CogState Of(Value function) =>
        Requests.HasAny(function)
            ? new Spinning(function)
            : new Finished(function);

    /// <summary>Null if the value is no state.</summary>
    public static CogState? Read(Value value) =>
        value is not Row { Count: > 1 } row || row[0] is not SmallNat kind
            ? null
            : (kind.Word, row.Count) switch
            {
                (0, 2) => new Spinning(row[1]),
                (1, 2) => new Finished(row[1]),
                (2, 4) when row[1] is Nat op => new Crashed(op, row[2], row[3]),
                (3, 3) when row[1] is Nat nanoseconds => new TimedOut(nanoseconds, row[2]),
                _ => null,
            };

    /// <summary>The cog has open requests and waits for answers.</summary>
    public sealed class Spinning(Value function) : CogState(function)
    {
        public override Row ToValue() => Row.Of(0, Function);
    }

    /// <summary>The cog has no more requests.</summary>
    public sealed class Finished(Value function) : CogState(function)
    {
        public override Row ToValue() => Row.Of(1, Function);
    }

    /// <summary>An event of the cog crashed.</summary>
    public sealed class Crashed(Nat op, Value argument, Value function) : CogState(function)
    {
        public Nat Op { get; } = op;

        public Value Argument { get; } = argument;

        public override Row ToValue() => Row.Of(2, Op, Argument, Function);
    }

    /// <summary>An event of the cog took longer than the limit.</summary>
    public sealed class TimedOut(Nat nanoseconds, Value function) : CogState(function)
    {
        /// <summary>The run time of the event.</summary>
        public Nat Nanoseconds { get; } = nanoseconds;

        public override Row ToValue() => Row.Of(3, Nanoseconds, Function);
    }
}

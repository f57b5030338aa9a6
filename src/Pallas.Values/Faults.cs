namespace Pallas.Values;

/// <summary>A PLAN crash: a nat of 5 or more was applied. Programs can catch it.</summary>
public sealed class PlanCrash(Nat op, Value argument) : Exception
{
    public Nat Op { get; } = op;

    /// <summary>In normal form.</summary>
    public Value Argument { get; } = argument;

    public override string Message => $"crash: ({PlanText.Print(Op)} {PlanText.Print(Argument)})";
}

/// <summary>Why a machine could not go on with an evaluation.</summary>
public enum FaultKind
{
    /// <summary>A value needs itself.</summary>
    Loop,

    /// <summary>The evaluation nests deeper than the configured bound.</summary>
    Depth,

    /// <summary>A natural number or a row grows beyond the configured size.</summary>
    Memory,

    /// <summary>The time limit has passed.</summary>
    Timeout,

    /// <summary>Stopped from outside.</summary>
    Interrupt,

    /// <summary>A jet was not used, and the user asked for that to be an error.</summary>
    Jet,
}

/// <summary>
/// The machine could not finish an evaluation. Programs cannot catch it: it ends the event.
/// </summary>
public sealed class MachineFault(FaultKind kind, string message) : Exception(message)
{
    public FaultKind Kind { get; } = kind;
}

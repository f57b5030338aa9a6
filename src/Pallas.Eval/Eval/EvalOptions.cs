using Pallas.Values;

namespace Pallas.Eval;

/// <summary>What an evaluation may use and what it reports to.</summary>
public sealed record EvalOptions
{
    public JetTable Jets { get; init; } = JetTable.None;

    /// <summary>How laws are run.</summary>
    public Tier Tier { get; init; } = Tier.Default;

    /// <summary>Gets the normal form of each traced value, at the moment of evaluation.</summary>
    public Action<Value>? Trace { get; init; }

    /// <summary>The same for values that are to be shown with the pins that they stand on; where
    /// there is none, <see cref="Trace"/> gets them.</summary>
    public Action<Value>? DeepTrace { get; init; }

    /// <summary>Called now and then by the thread that evaluates; a <see cref="MachineFault"/>
    /// that it throws ends the evaluation.</summary>
    public Action? Watch { get; init; }

    /// <summary>Gets samples; there is no budget of steps then.</summary>
    public EvalProfile? Profile { get; init; }

    /// <summary>Machine frames; passing it is a machine fault.</summary>
    public int DepthMax { get; init; } = 32 << 20;

    /// <summary>Makes compiled code leave the native stack at each so many entries: for tests.
    /// </summary>
    internal int UnwindEvery { get; init; }

    /// <summary>Bits of the largest natural number; passing it is a machine fault.</summary>
    public long NatBitsMax { get; init; } = 1L << 33;

    /// <summary>About how many calls an evaluation may make before it times out.</summary>
    public long StepsMax { get; init; } = long.MaxValue;
}

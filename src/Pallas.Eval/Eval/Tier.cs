namespace Pallas.Eval;

/// <summary>How laws are run. It changes speed, never a result.</summary>
public enum Tier
{
    /// <summary>Every law is interpreted.</summary>
    Interpret,

    /// <summary>Laws that are called often become machine code.</summary>
    Default,

    /// <summary>Every law becomes machine code when it is first called: for tests.</summary>
    Compile,
}

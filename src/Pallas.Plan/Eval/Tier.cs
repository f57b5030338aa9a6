namespace Pallas.Plan;

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

/// <summary>The tier of evaluators that ask for none.</summary>
public static class TierSetting
{
    /// <summary>
    /// The name of the setting of the process, a word as <see cref="TryRead"/> takes it. Hosts
    /// give it once, before they evaluate: it is read again by every new evaluator.
    /// </summary>
    public const string Name = "Pallas.Tier";

    /// <summary>The variable of the environment that hosts take the setting from.</summary>
    public const string Variable = "PALLAS_TIER";

    internal static Tier Current =>
        TryRead(AppContext.GetData(Name) as string, out var tier) ? tier : Tier.Default;

    /// <summary>Reads <c>interpret</c>, <c>default</c> or <c>compile</c>.</summary>
    public static bool TryRead(string? word, out Tier tier)
    {
        (tier, var isKnown) = word switch
        {
            "interpret" => (Tier.Interpret, true),
            "default" => (Tier.Default, true),
            "compile" => (Tier.Compile, true),
            _ => (Tier.Default, false),
        };
        return isKnown;
    }
}

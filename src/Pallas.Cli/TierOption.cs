using System.CommandLine;
using Pallas.Plan;

namespace Pallas.Cli;

/// <summary><c>--tier</c>, which every command takes: whether laws are compiled.</summary>
internal static class TierOption
{
    private static readonly Option<string?> Option = new("--tier")
    {
        Description = "How laws are run: interpret, default, or compile (all of them at once).",
        HelpName = "TIER",
        Recursive = true,
    };

    public static void AddTo(RootCommand root) => root.Options.Add(Option);

    /// <summary>Sets the process up as the command line, or else the environment, says.</summary>
    public static ParseResult Apply(ParseResult parsed)
    {
        var (name, word) = parsed.GetValue(Option) is { } given
            ? (Option.Name, given)
            : (TierSetting.Variable, Environment.GetEnvironmentVariable(TierSetting.Variable));
        if (string.IsNullOrEmpty(word))
            return parsed;
        if (!TierSetting.TryRead(word, out _))
        {
            throw Failure.Mistake(
                $"{name} cannot be {word}\nhint: interpret, default and compile are the tiers");
        }
        AppContext.SetData(TierSetting.Name, word);
        return parsed;
    }
}

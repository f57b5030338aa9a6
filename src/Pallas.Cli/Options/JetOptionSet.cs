using System.CommandLine;
using Pallas.Cli.Render;
using Pallas.Eval;
using Pallas.Values;

namespace Pallas.Cli.Options;

/// <summary>Which jets an evaluation may use, and what happens if it cannot use one.</summary>
internal sealed class JetOptionSet
{
    /// <summary>The value of <c>--no-jets</c> alone; see <see cref="ExpandNoJets"/>.</summary>
    private const string AllJets = "*";

    private readonly Option<string?> without = new("--no-jets")
    {
        Description = "Run laws as written: all of them, or with =NAME,.. those of these names.",
        HelpName = "NAMES",
    };

    private readonly Option<JetPolicy> mismatch = new("--jet-mismatch")
    {
        Description = "The action for a law that has the name of a jet but another hash.",
    };

    private readonly Option<bool> mismatchCrash = new("--jet-mismatch-crash", "-M")
    {
        Description = "The same as --jet-mismatch crash.",
    };

    private readonly Option<JetPolicy> fallback = new("--jet-fallback")
    {
        Description = "The action when a jet falls back to its law.",
    };

    private readonly Option<bool> fallbackWarn = new("--law-fallback-warn", "-f")
    {
        Description = "The same as --jet-fallback warn.",
    };

    private readonly Option<bool> fallbackCrash = new("--law-fallback-crash", "-F")
    {
        Description = "The same as --jet-fallback crash.",
    };

    /// <summary>Gives <c>--no-jets</c> without names a value, so that the parser does not take the
    /// next word for it.</summary>
    public static string[] ExpandNoJets(string[] args) =>
        [.. args.Select(arg => arg == "--no-jets" ? $"--no-jets={AllJets}" : arg)];

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
            { without, mismatch, mismatchCrash, fallback, fallbackWarn, fallbackCrash })
            command.Options.Add(option);
    }

    public JetTable Read(ParseResult parsed)
    {
        var table = parsed.GetValue(without) switch
        {
            null => JetTable.All,
            AllJets => JetTable.All.Only("_Trace", "_DeepTrace"),
            var names => JetTable.All.Without(Known(names.Split(','))),
        };
        var onMismatch = parsed.GetValue(mismatchCrash)
            ? JetPolicy.Crash
            : parsed.GetValue(mismatch);
        var onFallback = parsed.GetValue(fallbackCrash) ? JetPolicy.Crash
            : parsed.GetValue(fallbackWarn) ? JetPolicy.Warn
            : parsed.GetValue(fallback);
        if (onMismatch == JetPolicy.Ignore && onFallback == JetPolicy.Ignore)
            return table;
        var reported = new HashSet<string>();
        return table.Watched(
            pin => Report(
                onMismatch, reported,
                $"the law {NameOf(pin)} has the name of a jet, but its hash {pin.Hash} differs"),
            jet => Report(
                onFallback, reported, $"the jet {jet.Name} falls back to its law"));
    }

    private static string[] Known(string[] names) =>
        names.FirstOrDefault(name => JetTable.All.Jets.All(jet => jet.Name != name)) is { } strange
            ? throw Failure.Mistake(
                $"--no-jets: there is no jet {strange}\n"
                    + "hint: docs/reference/jets.md lists the jets")
            : names;

    private static string NameOf(Pin pin) => ((Law)pin.Item).Name.ToText() ?? "";

    /// <summary>Warns of each fact once.</summary>
    private static void Report(JetPolicy policy, HashSet<string> reported, string text)
    {
        if (policy == JetPolicy.Crash)
            throw new MachineFault(FaultKind.Jet, text);
        lock (reported)
        {
            if (policy == JetPolicy.Ignore || !reported.Add(text))
                return;
        }
        Terminal.Error.Line($"pallas: warning: {text}");
    }
}

using System.CommandLine;
using Pallas.Eval;
using Pallas.Values;

namespace Pallas.Cli;

/// <summary>What is done where a jet is not used.</summary>
internal enum JetPolicy
{
    Ignore,
    Warn,
    Crash,
}

/// <summary>Which jets an evaluation may use, and what is said where they are not.</summary>
internal sealed class JetOptionSet
{
    /// <summary>What <c>--no-jets</c> alone stands for; see <see cref="Spell"/>.</summary>
    private const string AllJets = "*";

    private readonly Option<string?> without = new("--no-jets")
    {
        Description = "Run laws as written: all of them, or with =NAME,.. those of these names.",
        HelpName = "NAMES",
    };

    private readonly Option<JetPolicy> mismatch = new("--jet-mismatch")
    {
        Description = "What to do about a law that has a jet's name but is another law.",
    };

    private readonly Option<bool> mismatchCrash = new("--jet-mismatch-crash", "-M")
    {
        Description = "The same as --jet-mismatch crash.",
    };

    private readonly Option<JetPolicy> fallback = new("--jet-fallback")
    {
        Description = "What to do when a jet leaves its arguments to the law.",
    };

    private readonly Option<bool> fallbackWarn = new("--law-fallback-warn", "-f")
    {
        Description = "The same as --jet-fallback warn.",
    };

    private readonly Option<bool> fallbackCrash = new("--law-fallback-crash", "-F")
    {
        Description = "The same as --jet-fallback crash.",
    };

    /// <summary>
    /// Writes <c>--no-jets</c> without names out, so that the word after it is never taken for
    /// its value.
    /// </summary>
    public static string[] Spell(string[] args) =>
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
        var told = new HashSet<string>();
        return table.Watched(
            pin => Tell(
                onMismatch, told,
                $"the law {NameOf(pin)} has the name of a jet but the hash {pin.Hash}"),
            jet => Tell(onFallback, told, $"the jet {jet.Name} leaves its arguments to the law"));
    }

    private static string[] Known(string[] names) =>
        names.FirstOrDefault(name => JetTable.All.Jets.All(jet => jet.Name != name)) is { } strange
            ? throw Failure.Mistake($"--no-jets: there is no jet {strange}")
            : names;

    private static string NameOf(Pin pin) => ((Law)pin.Item).Name.ToText() ?? "";

    /// <summary>Warns once of each thing.</summary>
    private static void Tell(JetPolicy policy, HashSet<string> told, string text)
    {
        if (policy == JetPolicy.Crash)
            throw new MachineFault(FaultKind.Jet, text);
        lock (told)
        {
            if (policy == JetPolicy.Ignore || !told.Add(text))
                return;
        }
        Terminal.Error.Line($"pallas: warning: {text}");
    }
}

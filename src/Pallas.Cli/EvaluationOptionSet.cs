using System.CommandLine;
using Pallas.Eval;

namespace Pallas.Cli;

/// <summary><c>--tier</c> and <c>--profile</c>, which every command takes.</summary>
internal sealed class EvaluationOptionSet
{
    /// <summary>Sets the tier where the command line does not.</summary>
    public const string TierVariable = "PALLAS_TIER";

    private readonly Option<string?> tier = new("--tier")
    {
        Description = "How laws are run: interpret, default, or compile (all of them at once).",
        HelpName = "TIER",
        Recursive = true,
    };

    private readonly Option<string?> profile = new("--profile", "--profile-output", "-p")
    {
        Description = "Write time and allocation by law to a file that speedscope opens.",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>All jets, in the tier and with the profiler that the command line asks for.
    /// </summary>
    public EvalOptions Options { get; private set; } = new() { Jets = JetTable.All };

    public void AddTo(RootCommand root)
    {
        root.Options.Add(tier);
        root.Options.Add(profile);
    }

    /// <summary>Runs a command; a profile is written even if the command fails.</summary>
    public int Run(ParseResult parsed, Func<ParseResult, int> command)
    {
        Options = Options with { Tier = TierOf(parsed) };
        if (parsed.GetValue(profile) is not { Length: > 0 } path)
            return command(parsed);
        using var file = Create(path);
        using var profiler = new Profiler();
        Options = Options with { Profile = profiler };
        try
        {
            return command(parsed);
        }
        finally
        {
            profiler.Write(file);
        }
    }

    /// <summary>Reads <c>interpret</c>, <c>default</c> or <c>compile</c>.</summary>
    public static Tier ReadTier(string name, string? word) => word switch
    {
        null or "" or "default" => Tier.Default,
        "interpret" => Tier.Interpret,
        "compile" => Tier.Compile,
        _ => throw Failure.Mistake(
            $"{name} cannot be {word}\nhint: interpret, default and compile are the tiers"),
    };

    private Tier TierOf(ParseResult parsed) => parsed.GetValue(tier) is { } word
        ? ReadTier(tier.Name, word)
        : ReadTier(TierVariable, Environment.GetEnvironmentVariable(TierVariable));

    /// <summary>Before anything runs, so that a long run does not end in a mistake.</summary>
    private static FileStream Create(string path)
    {
        UserFile.MustBeWritable(path);
        try
        {
            return File.Create(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failure.Mistake($"{path} cannot be written: {error.Message}");
        }
    }
}

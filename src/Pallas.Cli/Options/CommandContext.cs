using System.CommandLine;
using System.Text.Json;
using Pallas.Cli.Control;
using Pallas.Cli.Render;
using Pallas.Cli.Run;
using Pallas.Eval;

namespace Pallas.Cli.Options;

/// <summary>The settings that every command shares: <c>--tier</c>, <c>--profile</c>, the clock,
/// and the queries that machines answer.</summary>
/// <param name="queries">How queries to a running machine are written.</param>
internal sealed class CommandContext(JsonSerializerOptions queries)
{
    /// <summary>Sets the tier if the command line does not.</summary>
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
    public EvalOptions Evaluation { get; private set; } = new() { Jets = JetTable.All };

    public TimeProvider Time { get; } = TimeProvider.System;

    public JsonSerializerOptions Queries => queries;

    /// <summary>Asks machines, running or stopped.</summary>
    public ControlClient Client => new(Evaluation, queries, Time);

    public void AddTo(RootCommand root)
    {
        root.Options.Add(tier);
        root.Options.Add(profile);
    }

    /// <summary>Runs a command; a profile is written even if the command fails.</summary>
    public int Run(ParseResult parsed, Func<ParseResult, int> command)
    {
        Evaluation = Evaluation with { Tier = TierOf(parsed) };
        if (parsed.GetValue(profile) is not { Length: > 0 } path)
            return command(parsed);
        using var file = Create(path);
        using var profiler = new Profiler(Time);
        Evaluation = Evaluation with { Profile = profiler };
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
    /// <param name="name">The option or variable, for the message.</param>
    public static Tier ReadTier(string name, string? word) => word switch
    {
        null or "" or "default" => Tier.Default,
        "interpret" => Tier.Interpret,
        "compile" => Tier.Compile,
        _ => throw Failure.Mistake(
            $"{name} cannot be {word}\nhint: the tiers are interpret, default and compile"),
    };

    private Tier TierOf(ParseResult parsed) => parsed.GetValue(tier) is { } word
        ? ReadTier(tier.Name, word)
        : ReadTier(TierVariable, Environment.GetEnvironmentVariable(TierVariable));

    /// <summary>Creates the file before the command runs, so that a long run does not end in a
    /// mistake.</summary>
    private static FileStream Create(string path)
    {
        UserFile.MustBeWritable(path);
        try
        {
            return File.Create(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failure.Mistake($"cannot write {path}: {error.Message}");
        }
    }
}

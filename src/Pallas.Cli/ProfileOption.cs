using System.CommandLine;
using Pallas.Plan;

namespace Pallas.Cli;

/// <summary><c>--profile FILE</c>, which every command takes: where the time goes, by law.
/// </summary>
internal static class ProfileOption
{
    private static readonly Option<string?> Option = new("--profile", "--profile-output", "-p")
    {
        Description = "Write time and allocation by law to a file that speedscope opens.",
        HelpName = "FILE",
        Recursive = true,
    };

    public static void AddTo(RootCommand root) => root.Options.Add(Option);

    /// <summary>Runs a command, and writes its profile, whatever becomes of it, if one is wanted.
    /// </summary>
    public static int Profiled(ParseResult parsed, Func<ParseResult, int> run)
    {
        if (parsed.GetValue(Option) is not { Length: > 0 } path)
            return run(parsed);
        using var file = Open(path);
        using var profiler = new Profiler();
        AppContext.SetData(EvalProfile.Name, profiler);
        try
        {
            return run(parsed);
        }
        finally
        {
            profiler.Write(file);
        }
    }

    /// <summary>Before anything runs, so that a long run does not end in a mistake.</summary>
    private static FileStream Open(string path)
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

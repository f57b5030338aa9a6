using Pallas.Machine;
using Pallas.Sire.Errors;
using Pallas.Store;
using Pallas.Values;

namespace Pallas.Cli;

/// <summary>What the program tells its caller by its exit status.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int UserMistake = 1;
    public const int ProgramCrash = 2;
    public const int MachineFault = 3;
}

/// <summary>Ends a command with one message and an exit code.</summary>
internal sealed class Failure(int exitCode, string message) : Exception(message)
{
    private const string DebugVariable = "PALLAS_DEBUG";

    public int ExitCode { get; } = exitCode;

    public static Failure Mistake(string message) => new(Cli.ExitCode.UserMistake, message);

    public static Failure Of(IReadOnlyList<SireError> errors) =>
        new(CodeOf(errors), string.Join("\npallas: ", errors.Select(ErrorText.Of)));

    public static int CodeOf(IReadOnlyList<SireError> errors) => errors[0].Kind switch
    {
        SireErrorKind.Crash => Cli.ExitCode.ProgramCrash,
        SireErrorKind.Fault => Cli.ExitCode.MachineFault,
        _ => Cli.ExitCode.UserMistake,
    };

    /// <summary>Runs a command; what the world or the user did wrong becomes a message.</summary>
    public static int Guard(Func<int> command) => Guard(command, Console.Error);

    /// <summary>The same, with the message to somewhere else.</summary>
    public static int Guard(Func<int> command, TextWriter output)
    {
        try
        {
            return command();
        }
        catch (Failure failure)
        {
            return Say(output, failure.Message, failure.ExitCode);
        }
        catch (PlanCrash crash)
        {
            return Say(output, ErrorText.Of(crash), Cli.ExitCode.ProgramCrash);
        }
        catch (MachineFault fault)
        {
            return Say(output, $"machine fault: {fault.Message}", Cli.ExitCode.MachineFault);
        }
        catch (Exception error) when (error is StoreError or ReplayError)
        {
            return Say(output, error.Message + HintFor(error), CodeOf(error));
        }
        catch (IOException error) when (StoreError.IsDiskFull(error))
        {
            return Say(output, $"the disk is full: {error.Message}", Cli.ExitCode.MachineFault);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Say(output, TextOf(error), Cli.ExitCode.UserMistake);
        }
        catch (OutOfMemoryException)
        {
            return Say(output, "machine fault: out of memory", Cli.ExitCode.MachineFault);
        }
        catch (Exception error)
        {
            return SayInternal(error, output);
        }
    }

    /// <summary>Reports what should not have happened: a bug of this program.</summary>
    /// <returns>The exit code.</returns>
    public static int SayInternal(Exception? error, TextWriter? output = null)
    {
        output ??= Console.Error;
        var summary = error is null
            ? "unknown"
            : $"{error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")}";
        var advice = "hint: this is a bug in pallas; please report it with what led to it";
        return Environment.GetEnvironmentVariable(DebugVariable) is { Length: > 0 }
            ? Say(
                output, $"internal error: {summary}\n{error}", Cli.ExitCode.MachineFault)
            : Say(
                output,
                $"internal error: {summary}\n{advice} ({DebugVariable}=1 shows details)",
                Cli.ExitCode.MachineFault);
    }

    /// <summary>Of the world, in our words where .NET has many.</summary>
    private static string TextOf(Exception error) =>
        error is UnauthorizedAccessException && error.Message.Split('\'') is [_, var path, _]
            ? $"no access to {path}"
            : error.Message;

    private static string HintFor(Exception error) => error is not StoreError { Kind: var kind }
        ? ""
        : kind switch
        {
            StoreErrorKind.Missing or StoreErrorKind.Empty =>
                "\nhint: pallas boot STORE FILE makes a machine of a program",
            StoreErrorKind.Occupied =>
                "\nhint: a machine is made in a folder that does not exist, or is empty",
            _ => "",
        };

    private static int CodeOf(Exception error) =>
        error is StoreError
        {
            Kind: not (StoreErrorKind.Damaged or StoreErrorKind.WriteFailed
                or StoreErrorKind.DiskFull),
        }
            ? Cli.ExitCode.UserMistake
            : Cli.ExitCode.MachineFault;

    private static int Say(TextWriter output, string message, int exitCode)
    {
        output.WriteLine($"pallas: {message}");
        return exitCode;
    }
}

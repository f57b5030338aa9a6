using Pallas.Machine;
using Pallas.Sire.Errors;
using Pallas.Store;
using Pallas.Values;

namespace Pallas.Cli.Render;

/// <summary>Ends a command with one message and an exit code.</summary>
internal sealed class Failure(int exitCode, string message) : Exception(message)
{
    private const string DebugVariable = "PALLAS_DEBUG";

    public int Code { get; } = exitCode;

    public static Failure Mistake(string message) => new(ExitCode.UserMistake, message);

    public static Failure Of(IReadOnlyList<SireError> errors) =>
        new(CodeOf(errors), string.Join("\npallas: ", errors.Select(ErrorText.Of)));

    public static int CodeOf(IReadOnlyList<SireError> errors) => errors[0].Kind switch
    {
        SireErrorKind.Crash => ExitCode.ProgramCrash,
        SireErrorKind.Fault => ExitCode.MachineFault,
        _ => ExitCode.UserMistake,
    };

    /// <summary>Runs a command; each failure becomes a message.</summary>
    public static int Guard(Func<int> command) => Guard(command, Console.Error);

    /// <summary>The same, with another output for the message.</summary>
    public static int Guard(Func<int> command, TextWriter output)
    {
        try
        {
            return command();
        }
        catch (Failure failure)
        {
            return Print(output, failure.Message, failure.Code);
        }
        catch (PlanCrash crash)
        {
            return Print(output, ErrorText.Of(crash), ExitCode.ProgramCrash);
        }
        catch (MachineFault fault)
        {
            return Print(output, $"machine fault: {fault.Message}", ExitCode.MachineFault);
        }
        catch (Exception error) when (error is StoreError or ReplayError)
        {
            return Print(output, error.Message + HintFor(error), CodeOf(error));
        }
        catch (IOException error) when (StoreError.IsDiskFull(error))
        {
            return Print(output, $"the disk is full: {error.Message}", ExitCode.MachineFault);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Print(output, TextOf(error), ExitCode.UserMistake);
        }
        catch (OutOfMemoryException)
        {
            return Print(output, "machine fault: out of memory", ExitCode.MachineFault);
        }
        catch (Exception error)
        {
            return ReportInternal(error, output);
        }
    }

    /// <summary>Reports a bug of this program.</summary>
    /// <returns>The exit code.</returns>
    public static int ReportInternal(Exception? error, TextWriter? output = null)
    {
        output ??= Console.Error;
        var summary = error is null
            ? "unknown"
            : $"{error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")}";
        var advice = "hint: this is a bug in pallas; please report the steps that led to it";
        return Environment.GetEnvironmentVariable(DebugVariable) is { Length: > 0 }
            ? Print(
                output, $"internal error: {summary}\n{error}", ExitCode.MachineFault)
            : Print(
                output,
                $"internal error: {summary}\n{advice} ({DebugVariable}=1 shows details)",
                ExitCode.MachineFault);
    }

    /// <summary>Shortens the texts of .NET about files.</summary>
    private static string TextOf(Exception error) =>
        error is UnauthorizedAccessException && error.Message.Split('\'') is [_, var path, _]
            ? $"no permission to open {path}"
            : error.Message;

    private static string HintFor(Exception error) => error is not StoreError { Kind: var kind }
        ? ""
        : kind switch
        {
            StoreErrorKind.Missing or StoreErrorKind.Empty =>
                "\nhint: pallas boot STORE FILE makes a machine",
            StoreErrorKind.Occupied =>
                "\nhint: choose a folder that does not exist or is empty",
            _ => "",
        };

    private static int CodeOf(Exception error) =>
        error is StoreError
        {
            Kind: not (StoreErrorKind.Damaged or StoreErrorKind.WriteFailed
                or StoreErrorKind.DiskFull),
        }
            ? ExitCode.UserMistake
            : ExitCode.MachineFault;

    private static int Print(TextWriter output, string message, int exitCode)
    {
        output.WriteLine($"pallas: {message}");
        return exitCode;
    }
}

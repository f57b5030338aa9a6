using System.Runtime.InteropServices;
using System.Text.Json;
using Pallas.Cli.Control;
using Pallas.Cli.Render;
using Pallas.Devices;
using Pallas.Machine;

namespace Pallas.Cli.Run;

/// <summary>Runs a machine in the foreground until it ends or a signal stops it.</summary>
/// <remarks>
/// The first signal stops it: it commits the events that it computed, and writes a snapshot. A
/// second signal skips the snapshot; the log holds everything, the next start only replays more.
/// </remarks>
internal sealed class MachineRun
{
    private readonly TaskCompletionSource stopping = new();
    private RunningMachine? machine;
    private int signalsCount;

    /// <returns>The exit code.</returns>
    public static int Start(
        string folder, MachineContext context, PokeDevice poke, JsonSerializerOptions queries)
    {
        var run = new MachineRun();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, run.Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, run.Stop);
        return run.Run(folder, context, poke, queries);
    }

    private int Run(
        string folder, MachineContext context, PokeDevice poke, JsonSerializerOptions queries)
    {
        var reporter = new FailureReporter(Terminal.Error);
        // --log-format reports the failures too.
        var isLogged = context.Notify is not null;
        machine = RunningMachine.Start(
            folder, isLogged ? context : context with { Notify = reporter.Report });
        if (!isLogged)
            reporter.ReportEarlier(machine.FailedCogs);
        using (ControlServer.Start(machine, context, poke, queries, folder))
            Task.WaitAny(stopping.Task, machine.Ended);
        var end = machine.Ended.IsCompleted ? machine.Ended.Result : null;
        var exitCode = ExitCode.Success;
        // The cause of a failure may be in the store, which the stop closes.
        var hasEnded = end is { Failure: null };
        var report = hasEnded ? Report(machine.Status(), reporter, out exitCode) : [];
        machine.StopAsync(snapshot: true).GetAwaiter().GetResult();
        if (end?.Failure is { } failure)
            throw failure;
        report.ForEach(Terminal.Error.Line);
        return exitCode;
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        var count = Interlocked.Increment(ref signalsCount);
        // During the replay nothing has begun; during the snapshot all else is done.
        if (machine is null || machine.IsLogClosed || count > 2)
            Environment.Exit(ExitCode.Success);
        stopping.TrySetResult();
        if (count > 1)
            machine.SkipSnapshot();
    }

    /// <summary>How the cogs ended of a machine that stopped by itself.</summary>
    private static List<string> Report(
        MachineStatus status, FailureReporter reporter, out int exitCode)
    {
        exitCode = status.Cogs.Any(cog => cog.State is CogState.Crashed or CogState.TimedOut)
            ? ExitCode.ProgramCrash
            : ExitCode.Success;
        return
        [
            .. status.Cogs.Where(cog => !reporter.HasReported(cog.Id))
                .Select(cog => cog.State is CogState.Spinning
                    ? $"pallas: cog {cog.Id} is blocked: none of its open requests can be "
                        + "answered any more"
                    : $"pallas: cog {cog.Id} {StatusText.Of(cog.State)}"),
        ];
    }
}

using System.Runtime.InteropServices;
using Pallas.Cli.Control;
using Pallas.Devices;
using Pallas.Machine;

namespace Pallas.Cli;

/// <summary>Runs a machine in the foreground until it ends or is told to stop.</summary>
/// <remarks>
/// The first signal stops it: what is computed is kept, and a snapshot written. A second one skips
/// the snapshot; the log holds everything, the next start only has more to replay.
/// </remarks>
internal sealed class MachineRun
{
    private readonly TaskCompletionSource told = new();
    private RunningMachine? machine;
    private int signalsCount;

    /// <returns>The exit code.</returns>
    public static int Start(string folder, MachineContext context, PokeDevice poke)
    {
        var run = new MachineRun();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, run.Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, run.Stop);
        return run.Run(folder, context, poke);
    }

    private int Run(string folder, MachineContext context, PokeDevice poke)
    {
        var teller = new MachineTeller(Terminal.Error);
        // A log that others read tells all itself.
        var isLogged = context.Notify is not null;
        machine = RunningMachine.Start(
            folder, isLogged ? context : context with { Notify = teller.Tell });
        if (!isLogged)
            teller.TellEarlier(machine.FailedCogs);
        using (ControlServer.Start(machine, context, poke, folder))
            Task.WaitAny(told.Task, machine.Ended);
        var end = machine.Ended.IsCompleted ? machine.Ended.Result : null;
        var exitCode = ExitCode.Success;
        // What a cog died of may have to be read from the store, which is closed by the stop.
        var hasEnded = end is { Failure: null };
        var report = hasEnded ? Report(machine.Status(), teller, out exitCode) : [];
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
        // While it replays, nothing has begun; while it writes the snapshot, all else is done.
        if (machine is null || machine.IsLogClosed || count > 2)
            Environment.Exit(ExitCode.Success);
        told.TrySetResult();
        if (count > 1)
            machine.SkipSnapshot();
    }

    /// <summary>Tells how the cogs of a machine ended that stopped by itself.</summary>
    private static List<string> Report(
        MachineStatus status, MachineTeller teller, out int exitCode)
    {
        exitCode = status.Cogs.Any(cog => cog.State is CogState.Crashed or CogState.TimedOut)
            ? ExitCode.ProgramCrash
            : ExitCode.Success;
        return
        [
            .. status.Cogs.Where(cog => !teller.HasTold(cog.Id))
                .Select(cog => cog.State is CogState.Spinning
                    ? $"pallas: cog {cog.Id} waits for what can no longer come"
                    : $"pallas: cog {cog.Id} {StatusText.Of(cog.State)}"),
        ];
    }
}

using System.CommandLine;
using System.Runtime.InteropServices;
using Pallas.Devices.Port;
using Pallas.Machine;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas router</c>: where the machines of this computer find each other.</summary>
internal static class RouterCommand
{
    public static Command Create()
    {
        var port = NetworkOptionSet.RouterPort();
        var command = new Command("router", "Run the router for %port apart from any machine.")
        {
            port,
        };
        command.SetAction(parsed => Run(parsed.GetValue(port)));
        return command;
    }

    private static int Run(int port)
    {
        var fillRandom = new MachineContext().FillRandom;
        using var router = Router.TryStart(port, fillRandom) ?? throw Failure.Mistake(
            $"something listens on port {port} already\n"
            + "hint: that may be a router; machines start one where none runs");
        using var told = new ManualResetEventSlim();
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            told.Set();
        }
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        Terminal.Error.Line($"pallas: the router is at localhost:{router.Port}");
        told.Wait();
        return ExitCode.Success;
    }
}

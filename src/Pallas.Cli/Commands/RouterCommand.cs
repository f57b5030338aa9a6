using System.CommandLine;
using System.Runtime.InteropServices;
using Pallas.Cli.Options;
using Pallas.Cli.Render;
using Pallas.Devices.Port;
using Pallas.Machine;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas router</c>: connects the machines of this computer.</summary>
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
            $"cannot listen on port {port}: another program listens there\n"
            + "hint: a router may run already; machines start one if none runs");
        using var stopping = new ManualResetEventSlim();
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stopping.Set();
        }
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        Terminal.Error.Line($"pallas: the router is at localhost:{router.Port}");
        stopping.Wait();
        return ExitCode.Success;
    }
}

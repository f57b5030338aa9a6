using Pallas.Cli.Commands;
using Pallas.Cli.Options;
using Pallas.Cli.Render;
using Pallas.Machine;

// Commands run on a thread of their own: evaluation needs a larger stack than the main thread has,
// and deep values would otherwise hop between stacks. The system commits the memory as it is used.
const int StackBytes = 1 << 30;

// People type this first in a program that they do not know.
if (args is ["help", .. var topic])
    args = [.. topic, "--help"];

if (args is ["start", ..])
    WarmUp.Begin();

var context = new CommandContext(CommandTable.Queries);
var root = CommandTable.Root(context, args.FirstOrDefault());

AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
    Environment.Exit(Failure.ReportInternal(unhandled.ExceptionObject as Exception));

var status = 0;
var thread = new Thread(
    () => status = Failure.Guard(() => args.Length == 0
        ? root.Parse("--help").Invoke()
        : context.Run(
            ArgumentErrors.Parse(root, args),
            parsed => parsed.Invoke(new() { EnableDefaultExceptionHandler = false }))),
    StackBytes);
thread.Start();
thread.Join();
return status;

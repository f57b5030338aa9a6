using System.CommandLine;
using Pallas.Cli;
using Pallas.Cli.Commands;
using Pallas.Machine;

// Commands run on a thread of their own, because evaluation likes a larger stack than the main
// thread has, and deep values would otherwise hop between stacks. Memory is taken as it is used.
const int StackBytes = 1 << 30;

(string Name, Func<EvaluationOptionSet, Command> Create)[] commands =
[
    ("demo", DemoCommand.Create),
    ("sire", SireCommand.Create),
    ("save", SaveCommand.Create),
    ("show", _ => ShowCommand.Create()),
    ("repl", ReplCommand.Create),
    ("boot", BootCommand.Create),
    ("start", StartCommand.Create),
    ("status", StatusCommand.Create),
    ("open", _ => OpenCommand.Create()),
    ("poke", PokeCommand.Create),
    ("cog", CogCommand.Create),
    ("torture", TortureCommand.Create),
    ("router", _ => RouterCommand.Create()),
    ("log", LogCommand.Create),
    ("du", DuCommand.Create),
    ("check", CheckCommand.Create),
    ("backup", BackupCommand.Create),
    ("restore", _ => RestoreCommand.Create()),
    ("fork", ForkCommand.Create),
    ("adopt", _ => AdoptCommand.Create()),
    ("cache", _ => CacheCommand.Create()),
    ("conform", ConformCommand.Create),
    ("doc", _ => DocCommand.Create()),
];

// What people try first in a program that they do not know.
if (args is ["help", .. var topic])
    args = [.. topic, "--help"];

if (args is ["start", ..])
    WarmUp.Begin();

var evaluation = new EvaluationOptionSet();
// Making one takes a while, and mostly one is enough.
var root = new RootCommand(Overview.Text);
var isOne = args.Length > 0 && commands.Any(command => command.Name == args[0]);
foreach (var (name, create) in commands)
{
    if (isOne && name != args[0])
        continue;
    var command = create(evaluation);
    root.Add(command.Name == name
        ? command
        : throw new InvalidOperationException($"{command.Name} stands in the table as {name}"));
}
evaluation.AddTo(root);

AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
    Environment.Exit(Failure.SayInternal(unhandled.ExceptionObject as Exception));

var status = 0;
var thread = new Thread(
    () => status = Failure.Guard(() => args.Length == 0
        ? root.Parse("--help").Invoke()
        : evaluation.Run(
            Usage.Parse(root, args),
            parsed => parsed.Invoke(new() { EnableDefaultExceptionHandler = false }))),
    StackBytes);
thread.Start();
thread.Join();
return status;

using System.CommandLine;
using Pallas.Cli;
using Pallas.Cli.Commands;

// Commands run on a thread of their own, because evaluation likes a larger stack than the main
// thread has, and deep values would otherwise hop between stacks. Memory is taken as it is used.
const int StackBytes = 1 << 30;

var root = new RootCommand(Overview.Text)
{
    DemoCommand.Create(),
    SireCommand.Create(),
    SaveCommand.Create(),
    ShowCommand.Create(),
    ReplCommand.Create(),
    BootCommand.Create(),
    StartCommand.Create(),
    StatusCommand.Create(),
    OpenCommand.Create(),
    PokeCommand.Create(),
    CogCommand.Create(),
    TortureCommand.Create(),
    RouterCommand.Create(),
    LogCommand.Create(),
    DuCommand.Create(),
    CheckCommand.Create(),
    BackupCommand.Create(),
    RestoreCommand.Create(),
    ForkCommand.Create(),
    AdoptCommand.Create(),
    CacheCommand.Create(),
    ConformCommand.Create(),
    DocCommand.Create(),
};
TierOption.AddTo(root);
ProfileOption.AddTo(root);

AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
    Environment.Exit(Failure.SayInternal(unhandled.ExceptionObject as Exception));

var status = 0;
var thread = new Thread(
    () => status = Failure.Guard(() => args.Length == 0
        ? root.Parse("--help").Invoke()
        : ProfileOption.Profiled(
            TierOption.Apply(Usage.Parse(root, args)),
            parsed => parsed.Invoke(new() { EnableDefaultExceptionHandler = false }))),
    StackBytes);
thread.Start();
thread.Join();
return status;

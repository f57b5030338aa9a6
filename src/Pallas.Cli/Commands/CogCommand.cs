using System.CommandLine;
using System.Text;
using Pallas.Cli.Control;
using Pallas.Cli.Options;
using Pallas.Cli.Render;
using Pallas.Cli.Run;
using Pallas.Eval;
using Pallas.Formats.Seeds;
using Pallas.Machine;
using Pallas.Sire.Print;
using Pallas.Values;

namespace Pallas.Cli.Commands;

/// <summary>
/// <c>pallas cog</c>: shows one cog of a machine, or repairs it while the machine is stopped.
/// Each change is an event in the log, replayed like any other.
/// </summary>
internal static class CogCommand
{
    public static Command Create(CommandContext context) => new(
        "cog", "Show a cog, or repair one of a stopped machine.")
    {
        Show(context), Save(context), Retry(context), Replace(context),
        Spin(context), Stop(context),
    };

    private static Command Show(CommandContext context)
    {
        var (store, cog) = (CommonArguments.Store(), Cog());
        var command = new Command("show", "Print the state of a cog, and why it ended.")
        {
            store, cog,
        };
        command.SetAction(parsed => context.Client.Ask(
            parsed.GetValue(store)!,
            new CogQuery(CommonArguments.ReadCog(parsed.GetValue(cog)!).Number, Seed: false)));
        return command;
    }

    private static Command Save(CommandContext context)
    {
        var (store, cog) = (CommonArguments.Store(), Cog());
        var seed = new Argument<string>("SEED") { Description = "The seed file to write." };
        var command = new Command("save", "Save the state of a cog as a seed.")
        {
            store, cog, seed,
        };
        command.SetAction(parsed =>
        {
            UserFile.MustBeWritable(parsed.GetValue(seed)!);
            using var bytes = new MemoryStream();
            var exitCode = context.Client.Ask(
                parsed.GetValue(store)!,
                new CogQuery(CommonArguments.ReadCog(parsed.GetValue(cog)!).Number, Seed: true),
                bytes);
            if (exitCode == ExitCode.Success)
                SeedFile.WriteBytes(parsed.GetValue(seed)!, bytes.ToArray());
            return exitCode;
        });
        return command;
    }

    private static Command Retry(CommandContext context)
    {
        var (store, cog) = (CommonArguments.Store(), Cog());
        var command = new Command(
            "retry", "Let a failed cog continue from its state before the failure.")
        {
            store, cog,
        };
        command.SetAction(parsed => Change(
            parsed.GetValue(store)!,
            context.Evaluation,
            state => Find(state, parsed.GetValue(cog)!) is var (id, found)
                && found is CogState.Crashed or CogState.TimedOut
                ? new Receipt.Retried(id)
                : throw Failure.Mistake($"cog {parsed.GetValue(cog)} has not failed\n"
                    + "hint: only a cog that crashed or timed out can be retried")));
        return command;
    }

    private static Command Replace(CommandContext context)
    {
        var (store, cog, file) = (CommonArguments.Store(), Cog(), CommonArguments.Program());
        var force = new Option<bool>("--force")
        {
            Description = "Replace it even if it runs; the machine loses its state.",
        };
        var upgrade = new Option<bool>("--upgrade")
        {
            Description = "Take FILE as a function from the old state of the cog to its new state.",
        };
        var sire = new SireOptionSet(context);
        var command = new Command("replace", "Replace a cog with a program.")
        {
            store, cog, file, force, upgrade,
        };
        sire.AddTo(command);
        command.SetAction(parsed =>
        {
            var program = sire.LoadProgram(parsed, parsed.GetValue(file)!);
            Change(parsed.GetValue(store)!, context.Evaluation, state =>
            {
                var (id, found) = Find(state, parsed.GetValue(cog)!);
                var keeps = parsed.GetValue(upgrade) || parsed.GetValue(force);
                if (found is CogState.Spinning && !keeps)
                {
                    throw Failure.Mistake(
                        $"cog {id} is running\nhint: --upgrade keeps its state, --force drops it");
                }
                return new Receipt.Placed(
                    id,
                    parsed.GetValue(upgrade)
                        ? Apply(
                            context.Evaluation with { Jets = sire.Jets.Read(parsed) }, program,
                             found.Function)
                        : program);
            });
        });
        return command;
    }

    private static Command Spin(CommandContext context)
    {
        var (store, file) = (CommonArguments.Store(), CommonArguments.Program());
        var sire = new SireOptionSet(context);
        var command = new Command("spin", "Add a cog to the machine.") { store, file };
        sire.AddTo(command);
        command.SetAction(parsed =>
        {
            var program = sire.LoadProgram(parsed, parsed.GetValue(file)!);
            Change(parsed.GetValue(store)!, context.Evaluation, state =>
            {
                CogId id;
                do
                    id = new CogId(new MachineContext().DrawCogId());
                while (state.Find(id) is not null);
                return new Receipt.Placed(id, program);
            });
        });
        return command;
    }

    private static Command Stop(CommandContext context)
    {
        var (store, cog) = (CommonArguments.Store(), Cog());
        var command = new Command("stop", "Remove a cog.") { store, cog };
        command.SetAction(parsed => Change(
            parsed.GetValue(store)!,
            context.Evaluation,
            state => new Receipt.Removed(Find(state, parsed.GetValue(cog)!).Id)));
        return command;
    }

    private static Argument<string> Cog() =>
        new("COG") { Description = "The number of the cog; pallas status lists them." };

    private static (CogId Id, CogState State) Find(MachineState state, string cog)
    {
        var id = CommonArguments.ReadCog(cog);
        return (id, state.Find(id) ?? throw Missing(id));
    }

    private static void Change(
        string folder, EvalOptions evaluation, Func<MachineState, Receipt> decide)
    {
        var context = new MachineContext
        {
            Options = new MachineOptions { Evaluation = evaluation },
        };
        var id = default(CogId);
        var after = MachineFolder.Change(folder, context, state =>
        {
            var receipt = decide(state);
            id = receipt.Cog;
            return receipt;
        });
        Console.WriteLine(
            $"cog {id} {(after.Find(id) is { } state ? StatusText.Of(state) : "is removed")}");
    }

    private static Value Apply(EvalOptions options, Value function, Value old)
    {
        var evaluator = new Evaluator(options with { Trace = Terminal.Error.Value });
        return evaluator.Normalize(evaluator.Apply(function, old));
    }

    public static Failure Missing(CogId id) => Failure.Mistake(
        $"there is no cog {id}\nhint: pallas status STORE lists the cogs");
}

/// <param name="Seed">Answer with the state as a seed; otherwise as text.</param>
internal sealed record CogQuery(ulong Cog, bool Seed) : MachineQuery
{
    private const int PartsMax = 2000;

    public override int Answer(MachineAccess machine, Stream output)
    {
        var cog = machine.Status().Cogs.FirstOrDefault(each => each.Id.Number == Cog)
            ?? throw CogCommand.Missing(new CogId(Cog));
        output.Write(Seed ? SeedWriter.Write(cog.State.Function) : Encoding.UTF8.GetBytes(
            $"{StatusText.Of(cog)}\nfunction:\n"
                + $"{Loot.Show(cog.State.Function, PartsMax).Trim('\n')}\n"));
        return ExitCode.Success;
    }
}

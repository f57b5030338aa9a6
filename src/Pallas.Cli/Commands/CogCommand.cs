using System.CommandLine;
using System.Globalization;
using System.Text;
using Pallas.Cli.Control;
using Pallas.Eval;
using Pallas.Formats.Seeds;
using Pallas.Machine;
using Pallas.Sire.Print;
using Pallas.Values;

namespace Pallas.Cli.Commands;

/// <summary>
/// <c>pallas cog</c>: looks at one cog of a machine, and mends it while the machine is stopped.
/// Each change is an event in the log, kept and replayed like any other.
/// </summary>
internal static class CogCommand
{
    public static Command Create(EvaluationOptionSet evaluation) => new(
        "cog", "Look at a cog, or mend one of a stopped machine.")
    {
        Show(evaluation), Save(evaluation), Retry(evaluation), Replace(evaluation),
        Spin(evaluation), Stop(evaluation),
    };

    private static Command Show(EvaluationOptionSet evaluation)
    {
        var (store, cog) = (Operands.Store(), Cog());
        var command = new Command("show", "Print what a cog is, and why it ended.") { store, cog };
        command.SetAction(parsed => new CogQuery(Read(parsed.GetValue(cog)!).Number, Seed: false)
            .Ask(parsed.GetValue(store)!, evaluation.Options));
        return command;
    }

    private static Command Save(EvaluationOptionSet evaluation)
    {
        var (store, cog) = (Operands.Store(), Cog());
        var seed = new Argument<string>("SEED") { Description = "The seed file to write." };
        var command = new Command("save", "Save what a cog is as a seed.") { store, cog, seed };
        command.SetAction(parsed =>
        {
            UserFile.MustBeWritable(parsed.GetValue(seed)!);
            using var bytes = new MemoryStream();
            var exitCode = new CogQuery(Read(parsed.GetValue(cog)!).Number, Seed: true)
                .Ask(parsed.GetValue(store)!, evaluation.Options, bytes);
            if (exitCode == ExitCode.Success)
                SeedFile.WriteBytes(parsed.GetValue(seed)!, bytes.ToArray());
            return exitCode;
        });
        return command;
    }

    private static Command Retry(EvaluationOptionSet evaluation)
    {
        var (store, cog) = (Operands.Store(), Cog());
        var command = new Command(
            "retry", "Let a cog that failed go on as it was before that event.")
        {
            store, cog,
        };
        command.SetAction(parsed => Change(
            parsed.GetValue(store)!,
            evaluation.Options,
            state => Find(state, parsed.GetValue(cog)!) is var (id, found)
                && found is CogState.Crashed or CogState.TimedOut
                ? new Receipt.Retried(id)
                : throw Failure.Mistake($"cog {parsed.GetValue(cog)} has not failed")));
        return command;
    }

    private static Command Replace(EvaluationOptionSet evaluation)
    {
        var (store, cog, file) = (Operands.Store(), Cog(), Operands.Program());
        var force = new Option<bool>("--force")
        {
            Description = "Replace it even if it runs; its state is lost to the machine.",
        };
        var upgrade = new Option<bool>("--upgrade")
        {
            Description = "Take FILE as a function from what the cog was to what it becomes.",
        };
        var sire = new SireOptionSet(evaluation);
        var command = new Command("replace", "Put a program in the place of a cog.")
        {
            store, cog, file, force, upgrade,
        };
        sire.AddTo(command);
        command.SetAction(parsed =>
        {
            var program = sire.LoadProgram(parsed, parsed.GetValue(file)!);
            Change(parsed.GetValue(store)!, evaluation.Options, state =>
            {
                var (id, found) = Find(state, parsed.GetValue(cog)!);
                var keeps = parsed.GetValue(upgrade) || parsed.GetValue(force);
                if (found is CogState.Spinning && !keeps)
                {
                    throw Failure.Mistake(
                        $"cog {id} runs\nhint: --upgrade keeps its state, --force drops it");
                }
                return new Receipt.Placed(
                    id,
                    parsed.GetValue(upgrade)
                        ? Apply(
                            evaluation.Options with { Jets = sire.Jets.Read(parsed) }, program,
                             found.Function)
                        : program);
            });
        });
        return command;
    }

    private static Command Spin(EvaluationOptionSet evaluation)
    {
        var (store, file) = (Operands.Store(), Operands.Program());
        var sire = new SireOptionSet(evaluation);
        var command = new Command("spin", "Add a cog to the machine.") { store, file };
        sire.AddTo(command);
        command.SetAction(parsed =>
        {
            var program = sire.LoadProgram(parsed, parsed.GetValue(file)!);
            Change(parsed.GetValue(store)!, evaluation.Options, state =>
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

    private static Command Stop(EvaluationOptionSet evaluation)
    {
        var (store, cog) = (Operands.Store(), Cog());
        var command = new Command("stop", "Take a cog away.") { store, cog };
        command.SetAction(parsed => Change(
            parsed.GetValue(store)!,
            evaluation.Options,
            state => new Receipt.Removed(Find(state, parsed.GetValue(cog)!).Id)));
        return command;
    }

    private static Argument<string> Cog() =>
        new("COG") { Description = "The number of the cog; pallas status shows them." };

    private static (CogId Id, CogState State) Find(MachineState state, string cog)
    {
        var id = Read(cog);
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
            $"cog {id} {(after.Find(id) is { } state ? StatusText.Of(state) : "is gone")}");
    }

    private static Value Apply(EvalOptions options, Value function, Value old)
    {
        var evaluator = new Evaluator(options with { Trace = Terminal.Error.Value });
        return evaluator.Normalize(evaluator.Apply(function, old));
    }

    private static CogId Read(string cog) =>
        ulong.TryParse(cog, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new CogId(number)
            : throw Failure.Mistake($"the number of a cog is needed, not {cog}");

    public static Failure Missing(CogId id) => Failure.Mistake(
        $"there is no cog {id}\nhint: pallas status shows the cogs of a machine");
}

/// <param name="Seed">What the cog is, as a seed; else text about it.</param>
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

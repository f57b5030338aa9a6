using System.CommandLine;
using Pallas.Cli.Control;
using Pallas.Cli.Options;
using Pallas.Cli.Render;
using Pallas.Eval;
using Pallas.Formats.Seeds;
using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas poke STORE PATH FILE</c>: hands a value to a running cog.</summary>
internal static class PokeCommand
{
    /// <summary>Leaves room in a frame for the rest of the query.</summary>
    private const int SeedBytesMax = 512 << 10;

    public static Command Create(CommandContext context)
    {
        var store = CommonArguments.Store();
        var path = new Argument<string>("PATH")
        {
            Description = "The path of the request: a/b is [{a} {b}].",
        };
        var file = new Argument<string>("FILE")
        {
            Description = "A Sire file, for the value of its main, or a seed.",
        };
        var cog = new Option<string?>("--cog")
        {
            Description = "The cog, if several wait at this path.",
            HelpName = "COG",
        };
        var sire = new SireOptionSet(context);
        var command = new Command("poke", "Hand a value to a cog of a running machine.")
        {
            store, path, file, cog,
        };
        sire.AddTo(command);
        command.SetAction(parsed =>
        {
            var value = sire.LoadProgram(parsed, parsed.GetValue(file)!);
            var seed = SeedWriter.Write(new Evaluator(
                context.Evaluation with { Jets = sire.Jets.Read(parsed) }).Normalize(value));
            if (seed.Length > SeedBytesMax)
                throw Failure.Mistake(
                    $"the value of {parsed.GetValue(file)} is too large to poke: its seed takes "
                    + $"{SizeText.Of(seed.Length)}, the limit is {SizeText.Of(SeedBytesMax)}");
            return context.Client.Ask(
                parsed.GetValue(store)!,
                new PokeQuery(
                    parsed.GetValue(cog) is { } text ? CommonArguments.ReadCog(text).Number : null,
                    parsed.GetValue(path)!.Split('/'),
                    seed));
        });
        return command;
    }
}

/// <param name="Cog">Null for the cog that waits at the path.</param>
internal sealed record PokeQuery(ulong? Cog, string[] Path, byte[] Seed) : MachineQuery
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);

    public override int Answer(MachineAccess machine, Stream output)
    {
        var poke = machine.Poke ?? throw Failure.Mistake(
            "the machine is not running\nhint: pallas start STORE runs it");
        if (!SeedReader.TryRead(Seed, out var value, out var error))
            throw Failure.Mistake($"the value that arrived is not a seed: {error}");
        var cog = Find(machine.Status().Cogs);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(machine.Closing);
        limit.CancelAfter(WaitMax);
        try
        {
            poke.Submit(cog, Path, value, limit.Token).GetAwaiter().GetResult();
            return ExitCode.Success;
        }
        catch (OperationCanceledException)
        {
            throw Failure.Mistake(
                $"cog {cog} did not take the value within {WaitMax.TotalSeconds} s");
        }
    }

    private CogId Find(IReadOnlyList<CogStatus> cogs)
    {
        if (Cog is { } number)
        {
            return cogs.Any(cog => cog.Id.Number == number)
                ? new CogId(number)
                : throw CogCommand.Missing(new CogId(number));
        }
        var wanted = Row.Of([.. Path.Select(Nat.OfText)]);
        CogId[] asking =
        [
            .. cogs.Where(cog => cog.OpenRequests.Any(request => IsPoke(request, wanted)))
                .Select(cog => cog.Id),
        ];
        var place = string.Join('/', Path);
        return asking.Length switch
        {
            1 => asking[0],
            0 => throw Failure.Mistake(
                $"no cog waits for a value at {place}\n"
                    + "hint: pallas status STORE lists the open requests"),
            _ => throw Failure.Mistake(
                $"several cogs wait for a value at {place}\n"
                    + $"hint: choose one with --cog: {string.Join(", ", asking)}"),
        };
    }

    private static bool IsPoke(RequestStatus request, Row path) =>
        request is { IsUnknown: false, Value: Row { Count: 4 } row }
        && Order.Equal(row[0], Nat.OfText("poke")) && Order.Equal(row[3], path);
}

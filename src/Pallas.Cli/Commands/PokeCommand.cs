using System.CommandLine;
using System.Globalization;
using Pallas.Cli.Control;
using Pallas.Eval;
using Pallas.Formats.Seeds;
using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas poke STORE PATH FILE</c>: hands a value to a running cog.</summary>
internal static class PokeCommand
{
    /// <summary>What a query may hold, with room for the rest of it.</summary>
    private const int SeedBytesMax = 512 << 10;

    public static Command Create(EvaluationOptionSet evaluation)
    {
        var store = Operands.Store();
        var path = new Argument<string>("PATH")
        {
            Description = "Where the cog asks: a/b is the path [{a} {b}].",
        };
        var file = new Argument<string>("FILE")
        {
            Description = "A Sire file, for the value of its main, or a seed.",
        };
        var cog = new Option<string?>("--cog")
        {
            Description = "The cog, where several ask at this path.",
            HelpName = "COG",
        };
        var sire = new SireOptionSet(evaluation);
        var command = new Command("poke", "Hand a value to a cog of a running machine.")
        {
            store, path, file, cog,
        };
        sire.AddTo(command);
        command.SetAction(parsed =>
        {
            var value = sire.LoadProgram(parsed, parsed.GetValue(file)!);
            var seed = SeedWriter.Write(new Evaluator(
                evaluation.Options with { Jets = sire.Jets.Read(parsed) }).Normalize(value));
            if (seed.Length > SeedBytesMax)
                throw Failure.Mistake($"{parsed.GetValue(file)} is too large to be poked");
            return new PokeQuery(
                CogOf(parsed.GetValue(cog)), parsed.GetValue(path)!.Split('/'), seed)
                .Ask(parsed.GetValue(store)!, evaluation.Options);
        });
        return command;
    }

    private static ulong? CogOf(string? text) =>
        text is null ? null
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Failure.Mistake($"the number of a cog is needed, not {text}");
}

/// <param name="Cog">Null for the one that asks at the path.</param>
internal sealed record PokeQuery(ulong? Cog, string[] Path, byte[] Seed) : MachineQuery
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);

    public override int Answer(MachineAccess machine, Stream output)
    {
        var poke = machine.Poke ?? throw Failure.Mistake(
            "the machine does not run\nhint: pallas start runs it");
        if (!SeedReader.TryRead(Seed, out var value, out var error))
            throw Failure.Mistake($"the value came as no seed: {error}");
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
            throw Failure.Mistake($"cog {cog} did not take the value in time");
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
                $"no cog asks for a value at {place}\n"
                    + "hint: pallas status shows what the cogs of a machine wait for"),
            _ => throw Failure.Mistake(
                $"several cogs ask for a value at {place}\n"
                    + $"hint: --cog with one of {string.Join(", ", asking)}"),
        };
    }

    private static bool IsPoke(RequestStatus request, Row path) =>
        request is { IsUnknown: false, Value: Row { Count: 4 } row }
        && Order.Equal(row[0], Nat.OfText("poke")) && Order.Equal(row[3], path);
}

using System.Globalization;

namespace Pallas.Fuzz.Simulation;

/// <summary>The simulator on the command line.</summary>
public static class SimCommand
{
    public const string Usage = """
        pallas-fuzz sim [--seeds N] [--from S] [--jobs J] [--flaw NAME]
            N simulated machines, from the seed S on, J at a time.
        pallas-fuzz sim --seed S [--flaw NAME]
            One of them, with what happens in it.
        pallas-fuzz sim --seed S --every-call N
            One of them, with every one of the first N calls to the store refused and cut.
        """;

    public static int Run(string[] args)
    {
        var (seeds, from, jobs, flaw) = (10_000, 1ul, 1, SimFlaw.None);
        ulong? one = null;
        var calls = 0;
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            var isGood = args[i] switch
            {
                "--seeds" => TryRead(args[i + 1], out seeds),
                "--jobs" => TryRead(args[i + 1], out jobs),
                "--from" => ulong.TryParse(args[i + 1], CultureInfo.InvariantCulture, out from),
                "--seed" => ulong.TryParse(args[i + 1], CultureInfo.InvariantCulture, out from)
                    && (one = from) is not null,
                "--every-call" => TryRead(args[i + 1], out calls),
                "--flaw" => Enum.TryParse(args[i + 1], ignoreCase: true, out flaw),
                _ => false,
            };
            if (!isGood)
                return Refuse();
        }
        if (args.Length % 2 != 0)
            return Refuse();
        if (one is not { } seed)
            return SimCampaign.RunMany(from, seeds, jobs, flaw, Console.Out) ? 0 : 1;
        if (calls > 0)
            return SimCampaign.RunEveryCall(seed, calls, Console.Out).Count == 0 ? 0 : 1;
        var result = SimCampaign.RunOne(seed, flaw, Console.WriteLine);
        Console.WriteLine(result);
        return result.Violation is null ? 0 : 1;
    }

    private static bool TryRead(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
        && number > 0;

    private static int Refuse()
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }
}

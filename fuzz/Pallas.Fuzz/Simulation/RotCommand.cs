using System.Globalization;

namespace Pallas.Fuzz.Simulation;

/// <summary>Bit rot on the command line.</summary>
public static class RotCommand
{
    public static int Run(string[] args)
    {
        var (flips, seed) = (20, 1ul);
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            var isGood = args[i] switch
            {
                "--flips" => int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out flips),
                "--seed" => ulong.TryParse(args[i + 1], CultureInfo.InvariantCulture, out seed),
                _ => false,
            };
            if (!isGood || flips < 1)
                return Refuse();
        }
        if (args.Length % 2 != 0)
            return Refuse();
        var badCount = RotCampaign.Run(flips, seed, isKilled: false, Console.Out).Count
            + RotCampaign.Run(flips, seed, isKilled: true, Console.Out).Count;
        return badCount == 0 ? 0 : 1;
    }

    private static int Refuse()
    {
        Console.Error.WriteLine("pallas-fuzz rot [--flips N] [--seed S]");
        return 2;
    }
}

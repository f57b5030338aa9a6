using System.Numerics;
using Pallas.Values;

namespace Pallas.Bench;

/// <summary>A program beside what the Haskell implementation was measured to take for it.</summary>
/// <param name="Seconds">Processor seconds above its start; where one figure is for several
/// programs, they are one row of several calls.</param>
internal sealed record ReferenceRow(
    string Name, double Seconds, params (string Module, string Function, Value[] Args)[] Calls)
{
    /// <summary>The peak memory of the Haskell implementation, if it is known.</summary>
    public double? MegaBytes { get; init; }

    private const string Sire = "bench_calls";
    private const string Data = "bench_data";
    private const string Words = "bench_words";

    private static readonly BigInteger Prime521 = (BigInteger.One << 521) - 1;

    public static readonly ReferenceRow[] All =
    [
        new("countdown loop of 10M", 1.72, (Sire, "countdown", [10_000_000, 0])),
        new("fib 30", 0.43, (Sire, "fib", [30])),
        new("ack 2 1000", 0.28, (Sire, "ack", [2, 1000])),
        new("primes to 50,000", 0.23, (Sire, "primes", [50_000])),
        new("list of 1M summed", 0.98, (Data, "listDeep", [1_000_000])) { MegaBytes = 264 },
        new("listFoldl/Map/Take over 1M", 1.15, (Data, "listPipe", [1_000_000])),
        new("gen, map, foldl over 1M", 1.0, (Data, "rowPipe", [1_000_000])),
        new("foldl over a row of 40k", 1.0, (Data, "rowPipe", [40_000])),
        new("hmInsert 20k", 0.62, (Data, "mapFill", [20_000])),
        new("hmInsert 100k", 3.6, (Data, "mapFill", [100_000])),
        new("tabIns 5k", 0.6, (Data, "tabFillSum", [5_000])),
        new("tabIns 20k", 10.8, (Data, "tabFillSum", [20_000])) { MegaBytes = 3_300 },
        new("setFromRow 5k", 5.5, (Data, "setFill", [5_000])),
        new("mandelbrot 40x40 with w64", 1.59, (Words, "mandelbrot", [40])),
        new("keccak256 x 20", 0.18, (Words, "keccakChain", [Bar.Of(new byte[32]), 20])),
        new(
            "blake3 jet, 100 x 4 MiB", 0.61,
            (Words, "blake3Times", [Bar.Of(new byte[4 << 20]), 100])),
        new(
            "5000!, 3^200000, 200 modpows of 521 bits", 4.24,
            (Sire, "factorial", [5_000]),
            (Sire, "pow", [3, 200_000]),
            (Sire, "powerMods",
                [
                    Nat.Of(Prime521), Nat.Of(BigInteger.Pow(7, 185)),
                    Nat.Of(BigInteger.Pow(5, 224)), 200,
                ])),
    ];
}

using System.Numerics;
using Pallas.Values;

namespace Pallas.Bench;

/// <summary>A program that is measured beside plain C# of the same algorithm.</summary>
internal sealed record SpeedRow
{
    public required string Name { get; init; }

    /// <summary>The longest allowed time, as a multiple of plain C#.</summary>
    public required double RatioMax { get; init; }

    /// <summary>The module that binds the function.</summary>
    public required string Module { get; init; }

    public required string Function { get; init; }

    /// <summary>The sizes; the second is twice the first where that makes sense.</summary>
    public required int[] Sizes { get; init; }

    /// <summary>From a size to the function's arguments.</summary>
    public required Func<int, Value[]> Args { get; init; }

    /// <summary>Makes the same program in C# for a size. Its result must equal that of Pallas.
    /// </summary>
    public required Func<int, Func<Value>> Plain { get; init; }

    /// <summary>Jets that are off in the row. The row is measured again with all jets on.
    /// </summary>
    public string[] JetsOff { get; init; } = [];
}

/// <summary>The programs that have to come near to plain C#.</summary>
internal static class SpeedRows
{
    private static readonly BigInteger Prime521 = (BigInteger.One << 521) - 1;
    private static readonly BigInteger Base521 = BigInteger.Pow(7, 185);
    private static readonly BigInteger Exponent521 = BigInteger.Pow(5, 224);

    public static readonly SpeedRow[] All =
    [
        new()
        {
            Name = "fib", RatioMax = 4, Module = "bench_calls", Function = "fib",
            Sizes = [32, 33],
            Args = n => [n],
            Plain = n => () => PlainCalls.Fib((ulong)n),
        },
        new()
        {
            Name = "countdown", RatioMax = 4, Module = "bench_calls", Function = "countdown",
            Sizes = [100_000_000, 200_000_000],
            Args = n => [n, 0],
            Plain = n => () => PlainCalls.Countdown((ulong)n, 0),
        },
        new()
        {
            Name = "ack 3", RatioMax = 6, Module = "bench_calls", Function = "ack",
            Sizes = [9, 10],
            Args = n => [3, n],
            Plain = n => () => PlainCalls.Ack(3, (ulong)n),
        },
        new()
        {
            Name = "primes", RatioMax = 3, Module = "bench_calls", Function = "primes",
            Sizes = [200_000, 400_000],
            Args = n => [n],
            Plain = n => () => PlainCalls.Primes((ulong)n),
        },
        new()
        {
            Name = "queens", RatioMax = 8, Module = "bench_data", Function = "queens",
            Sizes = [8, 9],
            Args = n => [n],
            Plain = n => () => PlainData.Queens(n),
        },
        List("list, listFoldl", 6, "listLoop", [1_000_000, 2_000_000], PlainData.ListSum),
        List("list, listSum", 6, "listDeep", [1_000_000, 2_000_000], PlainData.ListSum),
        List("list, used twice", 10, "listTwice", [1_000_000, 2_000_000], PlainData.ListTwice),
        List("list, map, take", 6, "listPipe", [1_000_000, 2_000_000], PlainData.ListPipe),
        List("row", 4, "rowPipe", [1_000_000, 2_000_000], PlainData.RowPipe),
        List("tab", 3, "tabFillSum", [100_000, 200_000], PlainData.TabFillSum),
        List("merge sort", 10, "sortScattered", [100_000, 200_000], PlainData.SortScattered) with
        {
            JetsOff = ["_SizedListToRow", "_SizedListToRowRev", "setFromRow"],
        },
        Hash("keccak256", "keccak256", PlainHashes.Keccak256),
        Hash("blake3", "blake3", PlainHashes.Blake3) with { JetsOff = ["_Blake3"] },
        new()
        {
            Name = "3^n", RatioMax = 1.15, Module = "bench_calls", Function = "pow",
            Sizes = [200_000, 400_000],
            Args = n => [3, n],
            Plain = n => () => Nat.Of(BigInteger.Pow(3, n)),
        },
        new()
        {
            Name = "factorial", RatioMax = 1.15, Module = "bench_calls", Function = "factorial",
            Sizes = [5_000, 10_000],
            Args = n => [n],
            Plain = n => () => Nat.Of(PlainCalls.Factorial((ulong)n)),
        },
        new()
        {
            Name = "modpow", RatioMax = 1.15, Module = "bench_calls", Function = "powerMods",
            Sizes = [200, 400],
            Args = n => [Nat.Of(Prime521), Nat.Of(Base521), Nat.Of(Exponent521), n],
            Plain = n => () =>
                Nat.Of(PlainCalls.PowerMods(Prime521, Base521, Exponent521, n)),
        },
    ];

    private static SpeedRow List(
        string name, double ratioMax, string function, int[] sizes, Func<int, ulong> plain) => new()
        {
            Name = name, RatioMax = ratioMax, Module = "bench_data", Function = function,
            Sizes = sizes,
            Args = n => [n],
            Plain = n => () => plain(n),
        };

    private static SpeedRow Hash(string name, string function, Func<byte[], byte[]> plain) => new()
    {
        Name = name, RatioMax = 30, Module = "bench_words", Function = function,
        Sizes = [64 << 10, 128 << 10],
        Args = n => [Bar.Of(Bytes(n))],
        Plain = n =>
        {
            var bytes = Bytes(n);
            return () => Bar.Of(plain(bytes));
        },
    };

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}

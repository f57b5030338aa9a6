using System.Diagnostics;
using Pallas.Values;

namespace Pallas.Bench;

/// <summary>How the time of an operation on data jets grows from n to 2n.</summary>
/// <param name="Count">The n.</param>
/// <param name="Prepare">Makes what is measured; gets the number of items.</param>
internal sealed record Growth(string Name, int Count, Func<int, Action> Prepare)
{
    private const int RunCount = 3;

    public static void Print(Library library)
    {
        Console.WriteLine("| what | n | seconds | 2n | seconds | ratio |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|");
        foreach (var growth in All(library))
            Console.WriteLine(growth.Measure());
    }

    /// <summary>A line of the table.</summary>
    private string Measure()
    {
        Best(Count / 10);
        var (once, twice) = (Best(Count), Best(2 * Count));
        return $"| {Name} | {Count:N0} | {once:F4} | {2 * Count:N0} | {twice:F4} "
            + $"| {twice / once:F2} |";
    }

    private static IEnumerable<Growth> All(Library library) =>
    [
        .. Changes(library, 50_000), .. Changes(library, 100_000), .. Folds(library),
    ];

    /// <summary>Many small changes and look-ups.</summary>
    private static IEnumerable<Growth> Changes(Library library, int n)
    {
        var evaluator = library.Evaluator;
        yield return new("`tabIns` of n scattered keys", n, count => () =>
            Repeat(count, Tab.Empty, library["tabIns"], (insert, tab, i) =>
                evaluator.Apply(insert, Scattered(i), i, tab)));
        yield return new("`setIns` of n scattered keys", n, count => () =>
            Repeat(count, Set.Empty, library["setIns"], (insert, set, i) =>
                evaluator.Apply(insert, Scattered(i), set)));
        yield return new("n `tabIdx` in a tab of n", n, count =>
        {
            Value tab = Tab.Of(Set.Of(Numbers(count).ToArray()), Numbers(count).ToArray());
            return () => Repeat(count, tab, library["tabIdx"], (look, all, i) =>
            {
                evaluator.Apply(look, i, all);
                return all;
            });
        });
        yield return new("`setFromRow` of n scattered keys", n, count =>
        {
            var row = Row.Of([.. Enumerable.Range(0, count).Select(Scattered)]);
            return () => evaluator.Apply(library["setFromRow"], row);
        });
        yield return new("n `rowSnoc`", n, count => () =>
            Repeat(count, Row.Empty, library["rowSnoc"], (snoc, row, i) =>
                evaluator.Apply(snoc, row, i)));
        yield return new("n `put` on a row of n", n, count =>
        {
            var row = Numbers(count);
            return () => Repeat(count, row, library["put"], (put, all, i) =>
                evaluator.Apply(put, all, (int)((uint)i * 7919L % count), 0));
        });
        yield return new("1,000 `weld` of two halves of n", n, count =>
        {
            var (left, right) = (Numbers(count / 2), Numbers(count - count / 2));
            return () => Repeat(1000, left, library["weld"], (weld, row, _) =>
            {
                evaluator.Apply(weld, row, right);
                return row;
            });
        });
        yield return new("1,000 `take` of half of n", n, count =>
        {
            var row = Numbers(count);
            return () => Repeat(1000, row, library["take"], (take, all, _) =>
            {
                evaluator.Apply(take, count / 2, all);
                return all;
            });
        });
    }

    /// <summary>Passes over a long row.</summary>
    private static IEnumerable<Growth> Folds(Library library)
    {
        var evaluator = library.Evaluator;
        Value Call(string name, params Value[] args) => evaluator.Apply(library[name], args);
        foreach (var fold in new[] { "foldl", "foldr" })
        {
            yield return new($"`{fold} add 0` over a row of n", 1_000_000, count =>
            {
                var row = Numbers(count);
                return () => Call(fold, library["add"], 0, row);
            });
        }
        yield return new("`sum` over a row of n", 1_000_000, count =>
        {
            var row = Numbers(count);
            return () => Call("sum", row);
        });
        yield return new("normal form after one `put` in n", 1_000_000, count =>
        {
            var row = Numbers(count);
            evaluator.Normalize(row);
            return () => evaluator.Normalize(Call("put", row, count / 2, Row.Of(1)));
        });
    }

    private static Row Numbers(int n) =>
        Row.Of([.. Enumerable.Range(0, n).Select(i => (Value)i)]);

    /// <summary>Distinct for distinct numbers, and in no order.</summary>
    private static Value Scattered(int i) => Nat.Of((uint)i * 2654435761UL % (1UL << 32));

    private static void Repeat(
        int count, Value start, Value function, Func<Value, Value, int, Value> step)
    {
        for (var i = 0; i < count; i++)
            start = step(function, start, i);
    }

    /// <summary>Seconds of the fastest of some runs.</summary>
    private double Best(int count)
    {
        var best = double.MaxValue;
        for (var run = 0; run < RunCount; run++)
        {
            var action = Prepare(count);
            GC.Collect();
            var start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }
}

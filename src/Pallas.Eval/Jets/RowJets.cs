using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Rows. Every law here reads an app as the row of its arguments, the last one first, and a value
/// that is no app as an empty row. Items stay lazy unless an equation says otherwise.
/// </summary>
internal static class RowJets
{
    public static readonly Jet[] All =
    [
        // (len x) = the number of items of x
        new()
        {
            Name = "_Len", Arity = 1, Force = [1],
            Shortcut = static (x, _) => Nat.Of((ulong)AppParts.Count(x)),
            Hashes = ["AUDshrNCtvjQfRYsYHv9s4YJDZ3f7P5MKwPkLJrNX8aD"],
        },

        // (put x i v) = x with v as item i; x where there is no item i. Where x is no app, i
        // stays unevaluated.
        new()
        {
            Name = "_Put", Arity = 3, Force = [1],
            Code = static (evaluator, args) => Put(evaluator, args[0], args[1], args[2]),
            Hashes = ["ACEkgfjSxxhvXkh7iyPg64Siwp2fpURFFREkX935v1pj"],
        },

        // (get x i) = item i of x; 0 where there is none. Where x is no app, i stays unevaluated.
        new()
        {
            Name = "_Get", Arity = 2, Force = [1],
            Shortcut = static (x, i) => ShortGet(x, i),
            Code = static (evaluator, args) => Get(evaluator, args[0], args[1]),
            Hashes = ["386VJFmFLRAcsu3gXtsNK4s5muQusWJ4SMzgjjS6YUPf"],
        },

        // (idx i x) = (get x i)
        new()
        {
            Name = "_Idx", Arity = 2, Force = [2],
            Shortcut = static (i, x) => ShortGet(x, i),
            Code = static (evaluator, args) => Get(evaluator, args[1], args[0]),
            Hashes = ["H4Zc8hKR4nzf2w1FC8mXQmsmMrNvJ86yRh2hLK9GL3ds"],
        },

        // (mut i v x) = (put x i v)
        new()
        {
            Name = "_Mut", Arity = 3, Force = [3],
            Code = static (evaluator, args) => Put(evaluator, args[2], args[0], args[1]),
            Hashes = ["4a8fsQF4NQfaKfKpTzk7vxu2DaDCuDPUAtedb7k6nCua"],
        },

        // (last x) = the last item of x; 0 where there is none
        new()
        {
            Name = "_Last", Arity = 1, Force = [1],
            Code = static (_, args) =>
                AppParts.Item(args[0], Math.Max(AppParts.Count(args[0]) - 1, 0)),
            Hashes = ["HKg4NMDUSy9FkBNmsdNvExNHLf6VrL5xAZrJzBHvxxQy"],
        },

        // (switch i fallback x) = item i of x; the fallback where there is none, and where i is
        // no nat
        new()
        {
            Name = "_Switch", Arity = 3, Force = [1, 3], Control = JetControl.Switch,
            Code = static (_, args) =>
                args[0] is SmallNat i && i.Word < (ulong)AppParts.Count(args[2])
                    ? AppParts.Item(args[2], i)
                    : args[1],
            Hashes = ["3vzrXZQeTFijPUj8F4rF3QWJnzbEEMNZbjmGsustvzo8"],
        },

        // (gen n f) = [(f 0) (f 1) .. (f n-1)]
        new()
        {
            Name = "_Gen", Arity = 2, Force = [1], Code = Gen,
            Hashes = ["2Xjoe15B84gukTsF7RFCzQ9AvWq78pwRTgyAt3zRXdRC"],
        },

        // (weld x y) = the items of x, then those of y
        new()
        {
            Name = "_Weld", Arity = 2, Force = [2, 1],
            Code = static (evaluator, args) => Weld(evaluator, [args[0], args[1]]),
            Hashes = ["2pMmhrxJDkduFASR3WXHPpZCSyQhwsSttmBSma8NALnf"],
        },

        // (map f x) = [(f x_0) (f x_1) ..]
        new()
        {
            Name = "_Map", Arity = 2, Force = [2], Code = Map,
            Hashes = ["FZF5tePfHzx5fS8AKiguJFVNsxmru7qtW2gx3XnDAtse"],
        },

        // (rev x) = the items of x from the last to the first
        new()
        {
            Name = "_Rev", Arity = 1, Force = [1],
            Code = static (_, args) =>
                Row.Of(AppParts.Sequence(args[0]).Reverse()),
            Hashes = ["JD4CrHMtAntrmHNK7MZCZK5JDtvw4m26vGsNqy51qq6P"],
        },

        // (rowCons v x) = v, then the items of x
        new()
        {
            Name = "rowCons", Arity = 2, Force = [2],
            Code = static (evaluator, args) => Weld(evaluator, [Row.Of(args[0]), args[1]]),
            Hashes = ["Dnf9n4wW7M7i4Xc5BhXQGCpTC5BhUM3m1wceckTpA1fK"],
        },

        // (rowSnoc x v) = the items of x, then v
        new()
        {
            Name = "rowSnoc", Arity = 2, Force = [1],
            Code = static (evaluator, args) => Weld(evaluator, [args[0], Row.Of(args[1])]),
            Hashes = ["A3FxtWw4MGyq8T6HLLvnDEJwkrAej7MCHVVtUTnzXvZm"],
        },

        // (sum x) = x_0 + (x_1 + ..), the last item being evaluated first
        new()
        {
            Name = "sum", Arity = 1, Force = [1], Code = Sum,
            Hashes = ["F6ob6mjnYAtCSdJQRFNWQGa1NVdSNbr5b77gESTPCFDT"],
        },

        // (sumOf f x) = .. + (f x_1) + (f x_0), the first item being evaluated first
        new()
        {
            Name = "sumOf", Arity = 2, Force = [2], Code = SumOf,
            Hashes = ["ahTFxWPHYCTdTKNW3ES6TTvBE3K2ZNrXs7Ta31atipQ"],
        },

        // (cat x) = the items of all items of x, the last item being evaluated first
        new()
        {
            Name = "cat", Arity = 1, Force = [1], Code = Cat,
            Hashes = ["89EWhEFWgFigSEwzcGfi3mAgDer1QTWspWWBMEVg6Bns"],
        },

        // (zip x y) = [[x_0 y_0] [x_1 y_1] ..] up to the end of the shorter one
        new()
        {
            Name = "zip", Arity = 2, Force = [1, 2], Code = Zip,
            Hashes = ["8xVraNf4pPd2o6A7yYKV1N6oANPazsMzGCVXLccrXhQe"],
        },

        // (drop n x) = the items of x from n on
        new()
        {
            Name = "drop", Arity = 2, Force = [1, 2],
            Code = static (_, args) => Row.Of(Drop(args[0], AppParts.Sequence(args[1]))),
            Hashes = ["45ARChFpRYWa1o1n4jxYbqVvBmkWzxYQxCFPNkcnE1d8"],
        },

        // (take n x) = the items of x before n; all of them where n is no nat
        new()
        {
            Name = "take", Arity = 2, Force = [1, 2],
            Code = static (_, args) => Row.Of(Take(args[0], AppParts.Sequence(args[1]))),
            Hashes = ["2gABh4WVzRnyRtdM49QGP4GTUGNidMercKgxaFDonvfP"],
        },

        // (unfoldr f s) = [] where (f s) is a nat; where it is (0 [v t]), v and then (unfoldr f t)
        new()
        {
            Name = "unfoldr", Arity = 2, Code = Unfold,
            Hashes = ["AqALs9y4dSE4nUxpGv6vYjqtq4eJL9ZXQSeMb9n7a2vK"],
        },

        // (sizedListToRow n l) = the first n items of the list l, and zeros where it is shorter
        new()
        {
            Name = "_SizedListToRow", Arity = 2, Force = [1],
            Code = static (evaluator, args) =>
                Row.Of(ListItems(evaluator, Nat.Coerce(args[0]), args[1])),
            Hashes = ["12AFprhZ7HSa4451hkhveQTVCmuds6kvmLYmjQZsDUNf"],
        },

        // (sizedListToRowRev n l) = the same from the last to the first
        new()
        {
            Name = "_SizedListToRowRev", Arity = 2, Force = [1],
            Code = static (evaluator, args) =>
            {
                var items = ListItems(evaluator, Nat.Coerce(args[0]), args[1]);
                Array.Reverse(items);
                return Row.Of(items);
            },
            Hashes = ["EXQjpxzxxiLqW3xMwKqRYyUyFfxbEpbvfhRMsUBDmxtE"],
        },

        // (bsearch k x) = 2i + 1 where k is item i of the ascending x, else 2i, i being the place
        // where it belongs
        new()
        {
            Name = "bsearch", Arity = 2, Force = [2], Code = Search,
            Hashes = ["GL5YmUEpJm4dEqPSF7KHXATef9dQkA5eiZaq6vcwEk7J"],
        },

        // (isDigit c) = 1 where c is one of the characters 0 to 9, else 0
        new()
        {
            Name = "isDigit", Arity = 1, Force = [1],
            Shortcut = static (c, _) => Nat.Of(c is SmallNat { Word: >= '0' and <= '9' }),
            Hashes = ["A55EjKavUf9P9wSg7np7yqng75XWmcSURmmbAAaLTnBN"],
        },

        // (implode x) = the texts of x one after the other; an item that is 0 or no nat adds
        // nothing
        new()
        {
            Name = "implode", Arity = 1, Force = [1], Code = Implode,
            Hashes = ["5WGW3TBZshBZvnnYcePG9mHFuSvEYwYck9PMkPnq72wY"],
        },
    ];

    /// <summary>The items from n on; a value that is no nat counts as 0.</summary>
    public static ItemSeq Drop(Value n, ItemSeq items)
    {
        var count = Nat.Coerce(n) is SmallNat small && small.Word < (ulong)items.Count
            ? (int)small.Word
            : n is Nat ? items.Count : 0;
        return items.Slice(count, items.Count);
    }

    /// <summary>The items before n; all items where n is no nat, because such a value is greater
    /// than every nat.</summary>
    public static ItemSeq Take(Value n, ItemSeq items) =>
        n is SmallNat small && small.Word < (ulong)items.Count
            ? items.Slice(0, (int)small.Word)
            : items;

    private static Value? ShortGet(Value row, Value index)
    {
        if (row.IsThunk || (index is not SmallNat && AppParts.IsApp(row)))
            return null;
        var item = AppParts.Item(row, Nat.Coerce(index));
        return item.IsThunk ? null : item;
    }

    private static Value Get(Evaluator evaluator, Value row, Value index) =>
        AppParts.IsApp(row)
            ? AppParts.Item(row, Nat.Coerce(evaluator.Whnf(index)))
            : Nat.Zero;

    private static Value Put(Evaluator evaluator, Value row, Value index, Value item) =>
        AppParts.IsApp(row)
            ? AppParts.Put(row, Nat.Coerce(evaluator.Whnf(index)), item)
            : row;

    private static Row Gen(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var f = args[1];
        var length = SizeLimits.RowLength(evaluator, Nat.Coerce(args[0]));
        return DelayAll(evaluator, f, length, null);
    }

    private static Row Map(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var items = AppParts.Sequence(args[1]);
        return DelayAll(evaluator, args[0], items.Count, items);
    }

    /// <summary>The row of a function applied to each argument.</summary>
    /// <param name="items">The arguments; null for the numbers from 0 on.</param>
    private static Row DelayAll(Evaluator evaluator, Value f, int length, ItemSeq? items)
    {
        var call = new SpeculativeApply(evaluator, f, items);
        return Row.Of(ItemSeq.Make(length, call.Run));
    }

    /// <param name="rows">In weak head normal form.</param>
    private static Row Weld(Evaluator evaluator, ReadOnlySpan<Value> rows)
    {
        long length = 0;
        foreach (var row in rows)
            length += AppParts.Count(row);
        SizeLimits.CheckRow(evaluator, length);
        if (rows.Length == 2 || length > (long)ItemSeq.FlatMax * Math.Max(rows.Length >> 1, 1))
            return Join(rows);
        var items = new Value[length];
        var at = 0;
        foreach (var row in rows)
        {
            var part = AppParts.Sequence(row);
            part.CopyTo(items.AsSpan(at));
            at += part.Count;
        }
        return Row.Of(items);
    }

    /// <summary>Joins rows one after the other. To share long rows costs less than to copy them,
    /// and two rows need no array in between.</summary>
    private static Row Join(ReadOnlySpan<Value> rows)
    {
        if (rows.Length == 0)
            return Row.Empty;
        var joined = AppParts.Sequence(rows[0]);
        foreach (var row in rows[1..])
            joined = ItemSeq.Concat(joined, AppParts.Sequence(row));
        return Row.Of(joined);
    }

    private static Nat Sum(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        Nat sum = Nat.Zero;
        var items = AppParts.Sequence(args[0]);
        var cursor = new ItemCursor(items);
        for (var i = items.Count - 1; i >= 0; i--)
        {
            var item = Nat.Coerce(evaluator.Whnf(cursor[i]));
            sum = NatJets.Add(evaluator, sum, item);
        }
        return sum;
    }

    private static Nat SumOf(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        Nat sum = Nat.Zero;
        var (f, items) = (args[0], AppParts.Sequence(args[1]));
        var cursor = new ItemCursor(items);
        for (var i = 0; i < items.Count; i++)
        {
            var item = Nat.Coerce(evaluator.Apply(f, cursor[i]));
            sum = NatJets.Add(evaluator, sum, item);
        }
        return sum;
    }

    private static Row Cat(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var rows = AppParts.Items(args[0]);
        for (var i = rows.Length - 1; i >= 0; i--)
            rows[i] = evaluator.Whnf(rows[i]);
        return Weld(evaluator, rows);
    }

    private static Row Zip(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var (x, y) = (AppParts.Sequence(args[0]), AppParts.Sequence(args[1]));
        var (left, right) = (new ItemCursor(x), new ItemCursor(y));
        var items = new Value[Math.Min(x.Count, y.Count)];
        for (var i = 0; i < items.Length; i++)
            items[i] = Row.Of(left[i], right[i]);
        return Row.Of(items);
    }

    private static Row Unfold(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var (f, seed) = (args[0], args[1]);
        var items = new List<Value>();
        while (evaluator.Apply(f, seed) is not Nat and var step)
        {
            var pair = AppParts.Cdr(step);
            items.Add(LazyItem.Of(evaluator, pair, 0));
            seed = LazyItem.Of(evaluator, pair, 1);
            SizeLimits.CheckRow(evaluator, items.Count);
        }
        return Row.Of([.. items]);
    }

    private static Value[] ListItems(Evaluator evaluator, Nat count, Value list)
    {
        var countMax = count is SmallNat small ? small.Word : ulong.MaxValue;
        var items = new List<Value>();
        while ((ulong)items.Count < countMax && evaluator.Whnf(list) is not Nat and var cell)
        {
            items.Add(AppParts.Item(cell, 0));
            list = AppParts.Item(cell, 1);
            SizeLimits.CheckRow(evaluator, items.Count);
        }
        var row = new Value[SizeLimits.RowLength(evaluator, count)];
        items.CopyTo(row);
        row.AsSpan(items.Count).Fill(Nat.Zero);
        return row;
    }

    private static SmallNat Search(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var (key, row) = (args[0], args[1]);
        var (low, end) = (0, AppParts.Count(row));
        while (low < end)
        {
            var middle = (int)(((uint)low + (uint)end) >> 1);
            var order = LazyOrder.Compare(evaluator, key, AppParts.Item(row, middle));
            if (order == 0)
                return Nat.Of(((ulong)middle << 1) + 1);
            if (order < 0)
                end = middle;
            else
                low = middle + 1;
        }
        return Nat.Of((ulong)low << 1);
    }

    private static Nat Implode(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var items = AppParts.Sequence(args[0]);
        var cursor = new ItemCursor(items);
        var bytes = new List<byte>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            bytes.AddRange(Nat.Coerce(evaluator.Whnf(cursor[i])).ToBytes());
            SizeLimits.CheckBits(evaluator, bytes.Count * 8L);
        }
        return Nat.OfBytes([.. bytes]);
    }
}

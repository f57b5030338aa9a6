using System.Numerics;
using CsCheck;
using Pallas.Eval;
using Pallas.Formats.Seeds;
using Pallas.Fuzz;
using Pallas.Tests.Jets;
using Pallas.Values;
using Xunit;
using static Pallas.Tests.Plan.RowShape;

namespace Pallas.Tests.Plan;

/// <summary>Long rows are trees, short rows are arrays, and numbers are packed. No program sees the
/// difference.</summary>
public sealed class RowTests
{
    private static readonly ThreadLocal<Evaluator> EachThreads =
        new(() => new Evaluator(TestEval.WithJets));

    private static Evaluator Plain => EachThreads.Value!;

    /// <summary>Lengths about the bounds between the layouts, and long ones.</summary>
    private static readonly Gen<int> Length = Gen.Frequency(
        (3, Gen.Int[0, 20]), (5, Gen.Int[60, 300]), (2, Gen.Int[1000, 1100]),
        (1, Gen.Int[10_000, 10_100]));

    private static readonly Gen<(int Kind, int At, int Size)[]> Steps =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, int.MaxValue], Length).Array[1, 40];

    [Fact]
    public void A_list_cell_is_one_object_of_forty_bytes()
    {
        const int Count = 1000;
        Value list = Nat.Zero;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Count; i++)
            list = Row.Of(Nat.One, list);
        Assert.Equal(40L * Count, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2, ((Row)list).Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(500)]
    public void A_thunk_in_a_row_gives_way_to_its_value(int length)
    {
        var items = Numbers(0, length);
        items[^1] = Plain.Delay(Nat.Of(3), Plain.Delay(Nat.Of(3), 7));
        Value[] values = [Row.Of([.. items]), App.Make(Cow(length + 1), [.. items])];
        foreach (Compound value in values)
        {
            Assert.IsType<PlainThunk>(value.PartAt(length - 1));
            Plain.Whnf(items[^1]);
            Assert.True(Order.Equal(9, value.Part(length - 1)));
            Assert.IsType<SmallNat>(value.PartAt(length - 1));
        }
    }

    [Fact]
    public void A_sequence_does_what_an_array_does() =>
        Gen.Select(Length, Steps).Sample(
            (length, steps) =>
            {
                var model = Some(length).ToList();
                var items = ItemSeq.Of(Some(length));
                foreach (var (kind, at, size) in steps)
                {
                    Step(ref items, model, kind, at, size);
                    CheckShape(items);
                }
                CheckSame(model, items);
            },
            iter: 400);

    [Fact]
    public void Items_one_by_one_make_the_row_that_they_make_at_once()
    {
        Value front = Row.Empty;
        Value back = Row.Empty;
        for (var i = 0; i < 3000; i++)
        {
            back = Call("rowSnoc", back, i);
            front = Call("rowCons", 2999 - i, front);
        }
        var whole = Row.Of(Numbers(0, 3000));
        foreach (var row in new[] { (Row)front, (Row)back })
        {
            CheckShape(row.Parts);
            Assert.Equal(0, Order.Compare(whole, row));
            Assert.Equal(SeedWriter.Write(whole), SeedWriter.Write(row));
            Assert.Equal(Pin.Make(whole).Hash, Pin.Make(row).Hash);
            Assert.Equal(PlanText.Print(whole), PlanText.Print(row));
        }
    }

    [Fact]
    public void A_seed_of_a_long_row_reads_back()
    {
        var row = (Row)Call("_Weld", Row.Of(Numbers(0, 900)), Row.Of(Numbers(900, 70)));
        Assert.True(SeedReader.TryRead(SeedWriter.Write(row), out var read, out _));
        Assert.True(Order.Equal(row, read));
        Assert.False(((Row)read).Parts.IsFlat);
    }

    [Fact]
    public void Jets_of_rows_agree_with_arrays_at_every_length() =>
        Gen.Select(Length, Length, Gen.Int[0, int.MaxValue]).Sample(
            (left, right, at) =>
            {
                var (a, b) = (Numbers(0, left), Numbers(left, right));
                var (x, y) = (Row.Of([.. a]), Row.Of([.. b]));
                var index = at % (left + 2);
                CheckSame([.. a, .. b], Call("_Weld", x, y));
                CheckSame(a.Take(index), Call("take", index, x));
                CheckSame(a.Skip(index), Call("drop", index, x));
                CheckSame([.. a, 7], Call("rowSnoc", x, 7));
                CheckSame([7, .. a], Call("rowCons", 7, x));
                CheckSame(a.Reverse(), Call("_Rev", x));
                CheckSame([.. a, .. b, .. a], Call("cat", Row.Of(x, y, x)));
                CheckSame(
                    a.Select((item, i) => i == index ? 7 : item), Call("_Put", x, index, 7));
                Assert.True(Order.Equal(left, Call("_Len", x)));
                Assert.True(Order.Equal(index < left ? index : 0, Call("_Idx", index, x)));
                Assert.True(
                    Order.Equal(left == 0 ? 0 : left * (left - 1) / 2, Call("sum", x)));
            },
            iter: 100);

    /// <summary>Rows of bytes, of words, of other things and of thunks, each made of ones before.
    /// </summary>
    [Fact]
    public void Jets_of_rows_agree_with_arrays_in_every_layout()
    {
        var step = Gen.Select(Gen.Int[0, 10], Gen.Int[0, int.MaxValue], Length);
        Gen.Select(Length, step.Array[4, 12]).Sample(
            (length, steps) =>
            {
                var made = new List<(Value Row, Value[] Items)>();
                made.Add((Row.Of(Some(length)), Some(length)));
                foreach (var (kind, number, size) in steps)
                {
                    var one = made[^(1 + (number % Math.Min(made.Count, 2)))];
                    var other = made[number % made.Count];
                    if (kind == 10)
                        Plain.Normalize(one.Row);
                    else if (one.Items.Length + other.Items.Length < 20_000)
                        made.Add(Jetted(kind, one, other, number % (one.Items.Length + 1), size));
                }
                foreach (var (row, items) in made)
                {
                    Plain.Normalize(row);
                    Assert.True(Order.Equal(Row.Of([.. items]), row));
                    for (var i = 0; i < items.Length; i += 1 + (items.Length / 9))
                        Assert.True(Order.Equal(items[i], Call("_Get", row, i)));
                }
            },
            iter: 100);
    }

    private static (Value Row, Value[] Items) Jetted(
        int kind, (Value Row, Value[] Items) one, (Value Row, Value[] Items) other, int at,
        int size)
    {
        var (x, a) = one;
        var item = One(size);
        return kind switch
        {
            0 => (Call("_Weld", x, other.Row), [.. a, .. other.Items]),
            1 => (Call("take", at, x), a[..at]),
            2 => (Call("drop", at, x), a[at..]),
            3 => (Call("rowSnoc", x, item), [.. a, item]),
            4 => (Call("rowCons", item, x), [item, .. a]),
            5 => (Call("_Rev", x), [.. a.Reverse()]),
            6 => (Call("_Put", x, at, item), [.. a.Select((old, i) => i == at ? item : old)]),
            7 => (Call("_Mut", at, item, x), [.. a.Select((old, i) => i == at ? item : old)]),
            8 => (Call("cat", Row.Of(x, Row.Of(item), other.Row)), [.. a, item, .. other.Items]),
            _ => (Call("_Map", LawTerms.Named("id"), x), a),
        };
    }

    [Theory]
    [InlineData("_Put")]
    [InlineData("_Weld")]
    [InlineData("take")]
    [InlineData("rowSnoc")]
    [InlineData("_Map")]
    [InlineData("_Rev")]
    public void Long_rows_keep_crashing_items_that_no_code_reads(string name)
    {
        var row = Row.Of(
            [.. Enumerable.Range(0, 1000).Select(i => JetCalls.Crash(Plain, (ulong)i))]);
        Value[] args = name switch
        {
            "_Put" => [row, 500, 7],
            "_Weld" => [row, row],
            "take" => [900, row],
            "rowSnoc" => [row, 7],
            "_Map" => [Nat.Of(3), row],
            _ => [row],
        };
        var made = (Row)Call(name, args);
        Assert.True(made.Count >= 900);
        Assert.IsType<PlainThunk>(made[3]);
    }

    /// <summary>A row of numbers that was made anew takes as much as was allocated for it.
    /// </summary>
    [Theory]
    [InlineData(200, 5)]
    [InlineData(1 << 30, 12)]
    public void A_long_row_of_numbers_takes_a_few_bytes_for_each(int itemMax, int bytesMax)
    {
        const int Count = 1_000_000;
        var f = Law.Make(Nat.OfText("f"), Nat.One, 1);
        var lazy = (Row)Call("_Map", f, Row.Of(
            [.. Enumerable.Range(0, Count).Select(i => (Value)(itemMax - i % 200))]));
        Plain.Normalize(lazy);
        Row[] rows = [lazy, (Row)Call("_Rev", lazy), (Row)Call("_Weld", lazy, Row.Of(1, 2, 3))];
        foreach (var row in rows)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var copy = row.Parts.Reverse();
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.InRange(bytes, 0, (long)bytesMax * Count);
            Assert.True(copy.IsNormal);
        }
    }

    [Theory]
    [InlineData(200, 1)]
    [InlineData(1 << 30, 8)]
    public void A_short_row_of_numbers_is_an_array_of_them(int item, int bytesEach)
    {
        const int Count = 100;
        var items = Enumerable.Range(0, Count).Select(_ => (Value)item).ToArray();
        items[7] = Done(item);
        var lazy = Row.Of([.. items, Plain.Delay(Law.Make(Nat.OfText("f"), Nat.One, 1), item)]);
        Row[] rows =
        [
            Row.Of([.. items]), (Row)Plain.Normalize(lazy), (Row)Call("take", Count, lazy),
        ];
        foreach (var row in rows)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var copy = row.Parts.Reverse();
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.InRange(bytes, 0, row.Count * bytesEach + 32);
            Assert.True(copy.IsNormal);
        }
    }

    [Fact]
    public void The_bytes_of_a_bar_are_packed_once_the_code_is_warm()
    {
        var evaluator = new Evaluator(new EvalOptions { Jets = JetTable.All, Tier = Tier.Compile });
        var bytes = Enumerable.Range(0, 1000).Select(i => (byte)(i * 7)).ToArray();
        Value Run() => evaluator.Apply(LawTerms.Named("barBytes"), Bar.Of(bytes));
        var lazy = evaluator.Normalize(Run());
        var row = (Row)Run();
        Assert.True(row.Parts.IsNormal);
        Assert.True(row.Parts.FindLeaf(500, out _).IsPacked);
        Assert.Equal(bytes, row.ToArray().Select(item => (byte)((SmallNat)item).Word));
        Assert.True(Order.Equal(lazy, row));
    }

    /// <summary>Also where compiled code has all items in registers.</summary>
    [Theory]
    [InlineData(ItemSeq.FlatMax)]
    [InlineData(ItemSeq.FlatMax + 1)]
    [InlineData(300)]
    public void A_row_that_a_law_writes_out_has_the_layout_of_its_length(int count)
    {
        // f n = if n [(n + 1) (n + 2) ..] 0
        var items = Enumerable.Range(1, count).Select(i => LawTerms.Call(
            LawTerms.Quote(LawTerms.Named("_Mod")),
            LawTerms.Call(LawTerms.Quote(LawTerms.Named("_Sub")), 1, LawTerms.Quote(i)),
            LawTerms.Quote(1000)));
        var law = LawTerms.MakeLaw(1, LawTerms.If(
            1, LawTerms.Call(LawTerms.Quote(Cow(count)), [.. items.Reverse()]), 0));
        var evaluator = new Evaluator(new EvalOptions { Jets = JetTable.All, Tier = Tier.Compile });
        var row = (Row)evaluator.Apply(law, 5000);
        CheckShape(row.Parts);
        Assert.True(row.Parts.IsNormal);
        CheckSame(
            Enumerable.Range(1, count).Select(i => (Value)((5000 - i) % 1000)), row);
    }

    /// <summary>The order of long rows is that of their last items, packed or not.</summary>
    [Fact]
    public void Rows_are_compared_from_the_last_item_on_however_they_are_kept() =>
        Gen.Select(Gen.Int[3, 200], Gen.Int[0, 4], Gen.Int[0, int.MaxValue], Gen.Int[0, 30])
            .Sample(
                (count, kind, at, number) =>
                {
                    var items = Some(5 * (count / 5) + kind);
                    if (items.Length < 3)
                        return;
                    var changed = (Value[])items.Clone();
                    changed[at % items.Length] = One(number);
                    changed[0] = One(number + 1);
                    var expected = 0;
                    for (var i = items.Length - 1; i >= 0 && expected == 0; i--)
                        expected = Math.Sign(Order.Compare(items[i], changed[i]));
                    Row[] pair = [Row.Of([.. items]), Row.Of([.. changed])];
                    Assert.Equal(expected, Math.Sign(Order.Compare(pair[0], pair[1])));
                    Assert.Equal(-expected, Math.Sign(Order.Compare(pair[1], pair[0])));
                    Assert.Equal(
                        expected, Math.Sign(LazyOrder.Compare(Plain, pair[0], pair[1])));
                },
                iter: 300);

    [Fact]
    public void A_change_to_a_normal_row_has_only_its_path_walked()
    {
        var row = Row.Of(
            [.. Enumerable.Range(0, 100_000).Select(i => Plain.Delay(Nat.Of(3), i))]);
        Plain.Normalize(row);
        Assert.True(row.Parts.IsNormal);
        var changed = (Row)Call("_Put", row, 50_000, Plain.Delay(Nat.Of(3), 1));
        Assert.InRange(CountOpen(changed.Parts.Tree), 1, 5);
        Plain.Normalize(changed);
        Assert.Equal(0, CountOpen(changed.Parts.Tree));
        Assert.True(Order.Equal(2, changed[50_000]));
    }

    [Fact]
    public void A_lazy_item_shared_by_many_versions_is_evaluated_once()
    {
        var items = Numbers(0, 1000);
        var lazy = Row.Of(Plain.Delay(Nat.Of(3), 0));
        items[5] = Plain.Delay(Nat.Of(3), lazy);
        Value row = Row.Of(items);
        var versions = new List<Row>();
        for (var i = 0; i < 20; i++)
            versions.Add((Row)(row = Call("_Put", row, 500 + i, i)));
        Plain.Normalize(versions[0]);
        foreach (var version in versions)
            Assert.Same(versions[0][5], version[5]);
        var open = versions.Sum(version => CountOpen(version.Parts.Tree));
        Assert.InRange(open, 1, 3 * versions.Count);
    }

    [Fact]
    public void A_long_row_that_contains_itself_is_a_fault()
    {
        var items = Numbers(0, 1000);
        var thunk = Thunk.Of(ThunkCode.Applying(1), Nat.Of(3), Nat.Zero);
        items[700] = thunk;
        var row = Row.Of(items);
        thunk.Finish(Call("rowSnoc", row, 1));
        Assert.Equal(
            FaultKind.Loop, Assert.Throws<MachineFault>(() => Plain.Normalize(row)).Kind);
        Assert.Equal(NormalState.Unknown, row.Normality);
    }

    [Fact]
    public void A_short_slice_does_not_retain_the_long_row()
    {
        var slice = SliceOfLong(out var whole);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(whole.IsAlive);
        Assert.Equal(1, slice.Count);
        GC.KeepAlive(slice);
    }

    /// <summary>One item from the middle of a row; its neighbour there is watched.</summary>
    [System.Runtime.CompilerServices.MethodImpl(
        System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static Row SliceOfLong(out WeakReference neighbour)
    {
        var items = Enumerable.Range(0, 100_000).Select(i => (Value)Row.Of(i)).ToArray();
        neighbour = new WeakReference(items[50_001]);
        var row = Row.Of(items);
        return (Row)Call("take", 1, Call("drop", 50_000, row));
    }

    private static Value[] Numbers(int start, int count) =>
        [.. Enumerable.Range(start, count).Select(i => (Value)i)];

    /// <summary>Items that can be packed in bytes, in words, or not, by their number.</summary>
    private static Value[] Some(int count) =>
        [.. Enumerable.Range(0, count).Select(i => (count % 5) switch
        {
            0 => i,
            1 => i % 256,
            2 => Nat.Of(ulong.MaxValue - (ulong)i),
            3 => i % 9 == 0 ? One(i) : i,
            _ => One(i),
        })];

    private static Value One(int number) => (number % 6) switch
    {
        0 => number,
        1 => number % 256,
        2 => Nat.Of(ulong.MaxValue - (ulong)number),
        3 => Nat.Of((BigInteger.One << 70) + number),
        4 => Done(number),
        _ => Row.Of(number),
    };

    /// <summary>An evaluated thunk.</summary>
    private static PlainThunk Done(Value value)
    {
        var thunk = new PlainThunk(ThunkCode.Applying(1), Nat.Of(3), Nat.Zero);
        thunk.Finish(value);
        return thunk;
    }

    private static Value Call(string name, params Value[] args) =>
        JetCalls.Answer(Plain, name, args)!;

    private static Cow Cow(int size) => new(Nat.Of((ulong)size));

    private static void Step(
        ref ItemSeq items, List<Value> model, int kind, int at, int size)
    {
        switch (kind)
        {
            case 0 when model.Count > 0:
                items = items.With(at % model.Count, One(size));
                model[at % model.Count] = One(size);
                break;
            case 1:
                items = items.Insert(at % (model.Count + 1), One(size));
                model.Insert(at % (model.Count + 1), One(size));
                break;
            case 2 when model.Count > 0:
                items = items.RemoveAt(at % model.Count);
                model.RemoveAt(at % model.Count);
                break;
            case 3:
                items = ItemSeq.Concat(items, ItemSeq.Of(Some(size)));
                model.AddRange(Some(size));
                break;
            case 4:
                items = ItemSeq.Concat(ItemSeq.Of(Some(size)), items);
                model.InsertRange(0, Some(size));
                break;
            case 5:
                var start = at % (model.Count + 1);
                var end = Math.Min(start + 10 * size, model.Count);
                items = items.Slice(start, end);
                model.RemoveRange(end, model.Count - end);
                model.RemoveRange(0, start);
                break;
            case 6:
                for (var i = 0; i < 50 && model.Count > 0; i++)
                {
                    items = items.RemoveAt(at % model.Count);
                    model.RemoveAt(at % model.Count);
                }
                break;
            case 7:
                for (var i = 0; i < 50; i++)
                {
                    items = items.Insert(at % (model.Count + 1), i);
                    model.Insert(at % (model.Count + 1), i);
                }
                break;
            case 8:
                var row = Row.Of(items);
                Plain.Normalize(row);
                items = row.Parts;
                break;
            case 9:
                items = items.Reverse();
                model.Reverse();
                break;
        }
    }
}

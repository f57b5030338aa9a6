using CsCheck;
using Pallas.Eval;
using Pallas.Formats.Seeds;
using Pallas.Fuzz;
using Pallas.Tests.Jets;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Plan;

/// <summary>Sets and tabs, short and long, do what sorted dictionaries do.</summary>
public sealed class TableTests
{
    private static readonly ThreadLocal<Evaluator> EachThreads =
        new(() => new Evaluator(TestEval.WithJets));

    private static Evaluator Plain => EachThreads.Value!;

    /// <summary><c>(none x) = 0</c></summary>
    private static readonly Value None = Law("none", 1, App.Make(Nat.Of(2), 0));

    private static readonly Gen<int> Length = Gen.Frequency(
        (3, Gen.Int[0, 20]), (5, Gen.Int[60, 300]), (1, Gen.Int[10_000, 10_100]));

    private static readonly Gen<SortedDictionary<int, int>> Model =
        from length in Length
        from seed in Gen.Int[0, int.MaxValue]
        select Scattered(length, seed);

    [Fact]
    public void Changes_one_by_one_agree_with_a_dictionary() =>
        Gen.Select(Model, Gen.Select(Gen.Int[0, 3], Gen.Int[0, 30_000]).Array[1, 300]).Sample(
            (model, steps) =>
            {
                var (tab, set) = (TabOf(model), SetOf(model));
                foreach (var (kind, key) in steps)
                {
                    if (kind == 0)
                    {
                        model.Remove(key);
                        tab = (Tab)Call("tabAlter", None, key, tab);
                        set = (Set)Call("setDel", key, set);
                        continue;
                    }
                    model[key] = kind;
                    tab = (Tab)Call("tabIns", key, kind, tab);
                    set = (Set)Call("setIns", key, set);
                }
                CheckSame(model, tab);
                CheckSame(model.Keys, set);
            },
            iter: 60);

    [Fact]
    public void Lookups_agree_with_a_dictionary() =>
        Gen.Select(Model, Gen.Int[0, 30_000].Array[30]).Sample(
            (model, keys) =>
            {
                var (tab, set) = (TabOf(model), SetOf(model));
                foreach (var key in keys.Concat(model.Keys.Take(30)))
                {
                    var has = model.TryGetValue(key, out var value);
                    Check(has ? 1 : 0, Call("_TabHas", key, tab));
                    Check(has ? 1 : 0, Call("setHas", key, set));
                    Check(value, Call("tabIdx", key, tab));
                    var below = model.Keys.Count(other => other < key);
                    var parts = (Row)Call("setSplitLT", key, set);
                    CheckSame(model.Keys.Take(below), (Set)parts[0]);
                    CheckSame(model.Keys.Skip(below), (Set)parts[1]);
                    var halves = (Row)Call("tabSplitLT", key, tab);
                    CheckSame(model.Take(below), (Tab)halves[0]);
                    CheckSame(model.Skip(below), (Tab)halves[1]);
                }
            },
            iter: 30);

    [Fact]
    public void Whole_tables_are_joined_and_sifted_like_dictionaries() =>
        Gen.Select(Model, Model).Sample(
            (left, right) =>
            {
                var (a, b) = (SetOf(left), SetOf(right));
                CheckSame(left.Keys.Union(right.Keys).Order(), (Set)Call("setWeld", a, b));
                CheckSame(left.Keys.Intersect(right.Keys), (Set)Call("setIntersect", a, b));
                CheckSame(left.Keys.Except(right.Keys), (Set)Call("setSub", a, b));
                var both = new SortedDictionary<int, int>(right);
                foreach (var (key, value) in left)
                    both[key] = value;
                var (x, y) = (TabOf(left), TabOf(right));
                CheckSame(both, (Tab)Call("tabWeld", x, y));
                foreach (var key in left.Keys.Intersect(right.Keys))
                    both[key] = left[key];
                CheckSame(both, (Tab)Call("tabUnionWith", Law("left", 2, 1), x, y));
                foreach (var key in left.Keys.Intersect(right.Keys))
                    both[key] = right[key];
                CheckSame(both, (Tab)Call("tabUnionWith", Law("right", 2, 2), x, y));
            },
            iter: 60);

    [Fact]
    public void Sets_and_tabs_made_in_any_way_are_saved_alike() =>
        Model.Sample(
            model =>
            {
                Value tab = Tab.Empty;
                Value set = Set.Empty;
                foreach (var (key, value) in model.Reverse())
                {
                    tab = Call("tabIns", key, value, tab);
                    set = Call("setIns", key, set);
                }
                foreach (var (made, whole) in new (Value, Value)[]
                {
                    (tab, TabOf(model)), (set, SetOf(model)),
                })
                {
                    Assert.Equal(0, Order.Compare(whole, made));
                    Assert.Equal(SeedWriter.Write(whole), SeedWriter.Write(made));
                    Assert.Equal(Pin.Make(whole).Hash, Pin.Make(made).Hash);
                    Assert.True(
                        SeedReader.TryRead(SeedWriter.Write(made), out var read, out _));
                    Assert.True(Order.Equal(made, read));
                }
            },
            iter: 30);

    [Fact]
    public void Values_of_a_long_tab_stay_lazy()
    {
        var keys = Set.Of(Enumerable.Range(0, 1000).Select(i => (Value)i));
        var tab = Tab.Of(
            keys,
            [.. Enumerable.Range(0, 1000).Select(i => JetCalls.Crash(Plain, (ulong)i))]);
        Value[] made =
        [
            Call("tabIns", 2000, 1, tab),
            Call("tabMap", Nat.Of(3), tab),
            Call("tabWeld", tab, TabOf(new() { [500] = 1, [3000] = 1 })),
            ((Row)Call("tabSplitAt", 900, tab))[0],
            Call("_MkTab", keys.ToRow(), tab.ToValueRow()),
        ];
        foreach (var lazy in made)
            Assert.IsType<PlainThunk>(((Tab)Plain.Whnf(lazy)).ValueAt(3));
    }

    [Fact]
    public void A_key_put_into_a_normal_tab_has_only_its_path_walked()
    {
        var keys = Set.Of(Enumerable.Range(0, 50_000).Select(i => (Value)(2 * i)));
        var values = Enumerable.Range(0, 50_000).Select(i => Plain.Delay(Nat.Of(3), i));
        var tab = Tab.Of(keys, [.. values]);
        Plain.Normalize(tab);
        var changed = (Tab)Call("tabIns", 777, Plain.Delay(Nat.Of(3), 1), tab);
        Assert.NotEqual(NormalState.Normal, changed.Normality);
        Assert.InRange(CountOpen(changed.Parts.Tree), 1, 8);
        Plain.Normalize(changed);
        Assert.Equal(NormalState.Normal, changed.Normality);
        Check(2, changed.Find(777)!);
    }

    [Fact]
    public void A_tab_shares_its_keys_and_its_values()
    {
        var tab = TabOf(Scattered(5000, 1));
        var (keys, values) = ((Set)Call("_TabKeys", tab), (Row)Call("_TabVals", tab));
        Assert.Same(tab.Keys.Keys.Tree, keys.Keys.Tree);
        Assert.Same(tab.Parts.Tree, values.Parts.Tree);
        Assert.Same(keys.Keys.Tree, ((Row)Call("_SetToRow", keys)).Parts.Tree);
    }

    private static Value Law(string name, ulong arity, Value body) =>
        Pallas.Values.Law.Make(Nat.OfText(name), Nat.Of(arity), body);

    private static int CountOpen(ItemNode node) => node.IsNormal
        ? 0
        : 1 + (node.Kids ?? []).Sum(CountOpen);

    private static SortedDictionary<int, int> Scattered(int length, int seed)
    {
        var random = new Random(seed);
        var model = new SortedDictionary<int, int>();
        for (var i = 0; i < length; i++)
            model[random.Next(30_000)] = random.Next(100);
        return model;
    }

    private static Value Call(string name, params Value[] args) =>
        JetCalls.Answer(Plain, name, args)!;

    private static Set SetOf(SortedDictionary<int, int> model) =>
        Set.Of(model.Keys.Select(key => (Value)key));

    private static Tab TabOf(SortedDictionary<int, int> model) =>
        Tab.Of(SetOf(model), [.. model.Values.Select(value => (Value)value)]);

    private static void Check(int expected, Value value) =>
        Assert.True(Order.Equal(expected, Plain.Whnf(value)));

    private static void CheckSame(IEnumerable<int> expected, Set set)
    {
        RowShape.CheckShape(set.Keys);
        Assert.Equal(expected.Select(key => (ulong)key), set.Keys.ToArray().Select(Word));
    }

    private static void CheckSame(IEnumerable<KeyValuePair<int, int>> expected, Tab tab)
    {
        CheckSame(expected.Select(pair => pair.Key), tab.Keys);
        RowShape.CheckShape(tab.Parts);
        Assert.Equal(
            expected.Select(pair => (ulong)pair.Value), tab.Parts.ToArray().Select(Word));
    }

    private static ulong Word(Value value) => ((SmallNat)Plain.Whnf(value)).Word;
}

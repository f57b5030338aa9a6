using CsCheck;
using Pallas.Eval;
using Pallas.Formats.Seeds;
using Pallas.Fuzz;
using Pallas.Tests.Library;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Jets;

/// <summary>
/// A jet and its law, on generated arguments: the same value, the same one of
/// several crashes, the same parts evaluated.
/// </summary>
public sealed class JetLawTests
{
    private const int ArgumentsPerJet = 150;

    // The kinds of JetTermGen, one letter for each argument.
    private const string Kinds =
        """
        _Force o  _Seq oo  _Trace oo  _DeepTrace oo  _If ioo  _Ifz ioo  _Not i  _Bit i
        _And ii  _Or ii  _Xor ii  _Nand ii  _Nor ii  _Xnor ii  par oo  pseq oo  _Try C
        _Eqz i  _ToNat n  _Dec n  _Times foi  _Add ni  _Mul ni  _Sub ni  _Pow ii  _Bex i
        _OrdWeld io  _Div nn  _Mod nn  _DivMod nn  _Lsh ni  _Rsh nn  _Bix in  _Bitwise fii
        _NatFold fon  _Dis nn  _Con nn  _Mix nn  _PopCount n  _Met n  _Trunc in  _BitSlice iin
        _SetBit in  _TestBit in  _ClearBit in  _Cmp oo  _Eql oo  _Neq oo  _Lth oo  _Lte oo
        _Gth oo  _Gte oo  _Min oo  _Max oo  _IsPin o  _IsLaw o  _IsApp o  _IsNat o  _PlanTag o
        _PinItem o  _LawName o  _LawArgs o  _LawBody o  _Car o  _Cdr o  _Null o  _Head o
        _Arity o  _Cow i  _CowSize o  _IsCow q  _IsRow o  _DataTag o  _TypeTag o  _Len r
        _Put rio  _Get ri  _Idx ir  _Mut ior  _Last r  _Switch ior  _Gen if  _Weld rr  _Map fr
        _Rev r  rowCons or  rowSnoc ro  sum I  sumOf fr  cat R  zip rr  drop ir  take ir
        unfoldr gi  _SizedListToRow il  _SizedListToRowRev il  bsearch kA  isDigit n  implode I
        _MkSet A  _SetToRow s  setFromRow r
        setSing k  setIsEmpty s  setLen s  setHas ks  setMin s  setIns ks
        setDel ks  setWeld ss  setCatRowAsc S  isSet s  setDrop is  setTake is  setSplitAt is
        setIntersect ss  setSub ss  setSplitLT ks  _MkTab Ar  tabSing ko  isTab t  _TabKeys t
        _TabVals t  _TabKeysRow t  _TabKeysList t  _TabLen t  tabIdx kt  _TabIsEmpty t
        _TabHas kt  _TabLookup kt  tabIns kot  tabSwitch kot  tabToPairs t  tabFromPairs P
        tabToPairList t  tabElemIdx it  tabSplitAt it  tabSplitLT kt  tabAlter mkt
        tabMapWithKey ft  tabMap ft  tabUnionWith ftt  tabWeld tt  tabMinKey t
        tabFoldlWithKey fot  _TabFilterWithKey ft  padWeld nn  padCat I  padFlat R  isBar b
        _Bar n  natBar n  barNat b  barLen b  barIsEmpty b  _NatToSizedBar in  barIdx ib
        barWeld bb  barCat B  barTake ib  barDrop ib  _BarSliceToNat iib  barElemIndexEnd ib
        barFlat B  barElemIndexOff iib  _LoadSeed b  _SaveSeed o  _LoadGerm rb  _SaveGerm p
        _Blake3 B  _PlanHash o  _PinHash p  _TryExp o
        w32 n  add32 nn  mul32 nn  div32 nn  and32 nn  or32 nn  xor32 nn  lsh32 nn  rsh32 nn
        sub32 nn  ror32 nn  rol32 nn  w64 n  add64 nn  mul64 nn  div64 nn  and64 nn  or64 nn
        xor64 nn  lsh64 nn  rsh64 nn  sub64 nn  ror64 nn  rol64 nn  iDiv64 nn
        """;

    private static readonly Lazy<byte[]> Laws = new(SaveLaws);

    private static readonly Dictionary<string, string> KindsOf = Kinds
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        .Chunk(2)
        .ToDictionary(words => words[0], words => words[1]);

    public static TheoryData<string> Names => new(JetTable.All.Jets.Select(jet => jet.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_jet_answers_as_the_law_does(string name)
    {
        var jetted = new JetBench(JetTable.All, Laws.Value);
        if (!jetted.Laws.ContainsKey(name))
        {
            // The library has no such law to compare with.
            Assert.False(LoadedLibrary.Shared.Find(name) is Pin pin
                && JetTable.All.Match(pin) is not null);
            return;
        }
        var plain = new JetBench(JetTable.All.Without(name), Laws.Value);
        var crashes = KindsOf[name].Index().Select(kind => new JetTerm.Crashing(kind.Index));
        Compare(jetted, plain, name, [.. crashes], JetCallStyle.Law);
        Gen.Select(JetTermGen.Of(KindsOf[name]), Gen.Enum<JetCallStyle>()).Sample(
            (args, style) => Compare(jetted, plain, name, args, style),
            iter: ArgumentsPerJet, threads: 1,
            print: run => $"({name} {string.Join<JetTerm>("  ", run.Item1)}) {run.Item2}");
    }

    [Theory]
    [InlineData("_And", 1, "1")]
    [InlineData("_Or", 0, "1")]
    [InlineData("_Add", 1, "300001")]
    public void Recursion_through_a_jet_may_be_300_000_deep(
        string name, ulong each, string expected)
    {
        // (f n) = (if n (jet each (f (dec n))) 1)
        var laws = new JetBench(JetTable.All, Laws.Value).Laws;
        var next = Call(0, Call(Quote(laws["_Dec"]), 1));
        var step = Call(Quote(laws[name]), Quote(each), next);
        var body = Call(Quote(laws["_If"]), 1, step, Quote(1));
        var evaluator = new Evaluator(TestEval.WithJets);
        var law = Law.Make(Nat.OfText("f"), Nat.One, body);
        Assert.Equal(expected, PlanText.Print(evaluator.Apply(law, 300_000)));
    }

    private static Value Quote(Value value) => App.Make(Nat.Of(2), value);

    private static Value Call(Value function, params Value[] args) =>
        args.Aggregate(function, (head, arg) => App.Make(Nat.Zero, head, arg));

    private static void Compare(
        JetBench jetted, JetBench plain, string name, JetTerm[] args, JetCallStyle style)
    {
        var expected = plain.Run(name, args, style);

        // Counting to a large number by ones ends at the step budget.
        if (expected.Whole.StartsWith("fault", StringComparison.Ordinal))
            return;
        var actual = jetted.Run(name, args, style);

        // A jet refuses at once a size that its law would build up to piece by piece.
        if (actual.Whole == "fault Memory")
            return;
        var isSameForced = expected.Whole.StartsWith("crash", StringComparison.Ordinal)
            || name is "_Trace" or "_DeepTrace";
        Assert.Equal(
            isSameForced ? expected with { ForcedOuter = "", Forced = "" } : expected,
            isSameForced ? actual with { ForcedOuter = "", Forced = "" } : actual);
    }

    /// <summary>The pinned laws of the library that have jets, as a seed.</summary>
    private static byte[] SaveLaws()
    {
        var pins = JetTable.All.Jets
            .Select(jet => LoadedLibrary.Shared.Find(jet.Name))
            .OfType<Pin>()
            .Where(pin => JetTable.All.Match(pin) is not null);
        return SeedWriter.Write(Row.Of([.. pins]));
    }
}

using System.Runtime.CompilerServices;
using Pallas.Sire.Errors;
using Pallas.Sire.Lower;
using Pallas.Sire.Print;
using Pallas.Values;

namespace Pallas.Sire.Expand;

/// <summary>Converts bindings and expressions to the PLAN values that macros see, and back. A pin
/// is read once.</summary>
internal sealed class BindingTable
{
    private static readonly Nat TagK = Nat.OfText("K");
    private static readonly Nat TagG = Nat.OfText("G");
    private static readonly Nat TagA = Nat.OfText("A");
    private static readonly Nat TagL = Nat.OfText("L");
    private static readonly Nat TagR = Nat.OfText("R");
    private static readonly Nat TagM = Nat.OfText("M");
    private static readonly Nat TagF = Nat.OfText("F");

    private readonly ConditionalWeakTable<Pin, Binding> bindings = [];
    private readonly Func<Value, Expr> readCode;

    public BindingTable() => readCode = ReadCode;

    /// <exception cref="SireFailure">The value is no binding.</exception>
    public Binding Read(Value noun)
    {
        if (noun is not Pin pin)
            throw Malformed("a binding is no pin", noun);
        if (bindings.TryGetValue(pin, out var known))
            return known;
        if (pin.Item is not Row { Count: 6 } fields || fields[0] is not Nat)
            throw Malformed("a binding is no pin of a row of six", noun);
        var binding = new Binding(pin, fields, readCode);
        bindings.Add(pin, binding);
        return binding;
    }

    /// <summary>All values in normal form.</summary>
    public Binding Make(
        Nat key, Value value, Expr code, Value location, Nat name, Value properties) =>
        Read(Pin.Make(Row.Of(key, value, ToNoun(code), location, name, properties)));

    private static Value ToNoun(Expr expr)
    {
        if (!StackGuard.HasRoom)
            return ToNounDeeper(expr);
        return expr switch
        {
            Variable v => Nat.Of((ulong)v.Index),
            Constant k => Row.Of(TagK, k.Value),
            Global g => Row.Of(TagG, g.Binding.Noun),
            Apply a => Row.Of(TagA, ToNoun(a.Function), ToNoun(a.Argument)),
            Let l => Row.Of(TagL, ToNoun(l.Value), ToNoun(l.Body)),
            LetRec r => Row.Of(TagR, Row.Of(Array.ConvertAll(r.Values, ToNoun)), ToNoun(r.Body)),
            Inlined m => Row.Of(TagM, ToNoun(m.Body)),
            Lambda f => Row.Of(
                TagF, Nat.Of(f.IsPinned), Nat.Of(f.IsMarked), Nat.Of(f.IsRecursive), f.Tag,
                Nat.Of((ulong)f.ArgCount), ToNoun(f.Body)),
            _ => throw new InvalidOperationException("not an expression"),
        };
    }

    private static Value ToNounDeeper(Expr expr) =>
        StackGuard.OnFreshStack(() => ToNoun(expr));

    /// <param name="noun">In normal form.</param>
    /// <exception cref="SireFailure">The value is no expression.</exception>
    private Expr ReadCode(Value noun)
    {
        if (!StackGuard.HasRoom)
            return ReadCodeDeeper(noun);
        if (noun is Nat index)
            return new Variable(ReadInt(index));
        if (noun is not Row { Count: > 1 } row || row[0] is not Nat tag)
            throw Malformed("code is malformed", noun);
        return row.Count switch
        {
            2 when tag.Equals(TagK) => new Constant(row[1]),
            2 when tag.Equals(TagG) => new Global(Read(row[1])),
            2 when tag.Equals(TagM) => new Inlined(ReadCode(row[1])),
            3 when tag.Equals(TagA) => new Apply(ReadCode(row[1]), ReadCode(row[2])),
            3 when tag.Equals(TagL) => new Let(ReadCode(row[1]), ReadCode(row[2])),
            3 when tag.Equals(TagR) && row[1] is Row values => new LetRec(
                Array.ConvertAll(values.ToArray(), value => ReadCode(value.Resolved)),
                ReadCode(row[2])),
            7 when tag.Equals(TagF) => new Lambda(
                ReadBit(row[1]), ReadBit(row[2]), ReadBit(row[3]), ReadNat(row[4]),
                ReadInt(row[5]), ReadCode(row[6])),
            _ => throw Malformed("code is malformed", noun),
        };
    }

    private Expr ReadCodeDeeper(Value noun) =>
        StackGuard.OnFreshStack(() => ReadCode(noun));

    private static bool ReadBit(Value value) => value is SmallNat { Word: <= 1 } bit
        ? bit.Word == 1
        : throw Malformed("a flag in code is neither 0 nor 1", value);

    private static Nat ReadNat(Value value) =>
        value as Nat ?? throw Malformed("a name in code is no number", value);

    private static int ReadInt(Value value) => value is SmallNat { Word: < 1 << 24 } small
        ? (int)small.Word
        : throw Malformed("an index in code is out of bounds", value);

    private static SireFailure Malformed(string what, Value value) => new(
        SireErrorKind.Macro, default, $"{what}: {Loot.Brief(value)}",
        "a macro built it: check the state that it returns");
}

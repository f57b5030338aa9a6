using System.Runtime.CompilerServices;

namespace Pallas.Values;

/// <summary>
/// A PLAN value. The family is closed: nats, pins, laws, apps, the five data jets
/// (<see cref="Row"/>, <see cref="Bar"/>, <see cref="Tab"/>, <see cref="Set"/>, <see cref="Cow"/>),
/// which are layouts of ordinary laws and apps, and <see cref="Thunk"/>, a suspended evaluation.
/// </summary>
/// <remarks>
/// What holds for every value that is not a thunk:
/// <list type="bullet">
/// <item>It is in weak head normal form. Fields of apps, rows and tabs may be thunks; the fields of
/// laws and pins, and the keys of sets and tabs, are in normal form.</item>
/// <item>In normal form a PLAN value has exactly one layout: a law that has the shape of a data jet
/// is that data jet (see <see cref="Law.Make"/>), a cow given all its elements is a row, and a set
/// given a row of its own length is a tab. Before normal form one exception exists: a set applied
/// to a thunk is an app, because applying a set does not look at its argument.</item>
/// </list>
/// </remarks>
public abstract class Value
{
    private protected Value()
    {
    }

    /// <summary>Follows evaluated thunks to a value that is no thunk, or a pending one.</summary>
    public Value Resolved => AsThunk is { } thunk ? thunk.Follow() : this;

    internal bool IsThunk
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => this is PlainThunk or WordThunk;
    }

    internal Thunk? AsThunk
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => IsThunk ? Unsafe.As<Thunk>(this) : null;
    }

    /// <summary>
    /// How many arguments saturate this value: 1 for a value that cannot take more without being
    /// evaluated, <see cref="int.MaxValue"/> for a law of more arguments than any program can give.
    /// Not defined for thunks.
    /// </summary>
    public abstract int Arity { get; }

    public static implicit operator Value(ulong nat) => Nat.Of(nat);

    public static implicit operator Value(int nat) => Nat.Of((ulong)nat);

    /// <summary>The nat whose little-endian bytes are the UTF-8 text.</summary>
    public static implicit operator Value(string text) => Nat.OfText(text);

    public override string ToString() => PlanText.Print(this, lengthMax: 2000);
}

/// <summary>A value with lazy parts: an app's arguments, a row's items, a tab's values.</summary>
/// <remarks>
/// One part or two stand in the object itself, always: most rows are list cells and pairs, most
/// closures hold one value or two, and with an array beside it a list cell is two objects of 72
/// bytes instead of one of 40. None, or more than two, are an <see cref="ItemSeq"/>. A part is
/// overwritten in place only by the value of the thunk that stood there.
/// <para>
/// A number of up to 32 bits that is the first part may stand in bytes that the object has to
/// spare: a list of such numbers takes 40 bytes an element instead of 64. Code that is compiled
/// makes such cells where it has the number as a word; who wants it as a value gets a new one each
/// time, so looking at a list never makes it grow.
/// </para>
/// </remarks>
public abstract class Compound : Value
{
    /// <summary>As many parts stand in the object itself.</summary>
    internal const int InlineMax = 2;

    /// <summary>The first part, or the body of the sequence of all; null where the first part is
    /// <see cref="Number"/>, which only rows have.</summary>
    internal object? First;

    /// <summary>The second part.</summary>
    internal Value? Second;

    /// <summary>The first part where <see cref="First"/> is null.</summary>
    internal uint Number;

    internal NormalState Normality;

    /// <summary>How many parts stand in the object itself; 0 where a sequence has them.</summary>
    internal byte InlineCount;

    /// <summary>Whether a <see cref="ValueSource"/> may know a chunk of this very value.</summary>
    internal bool IsStored;

    private protected Compound(Value part)
    {
        First = part;
        InlineCount = 1;
    }

    private protected Compound(Value first, Value second)
    {
        First = first;
        Second = second;
        InlineCount = InlineMax;
    }

    /// <param name="first">Null where the first part is the word.</param>
    /// <param name="boxed">The word as an object, if there is one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected Compound(Value? first, ulong word, Value? boxed, Value? second)
    {
        if (first is not null)
            First = first;
        else if (word <= uint.MaxValue)
            Number = (uint)word;
        else
            First = boxed ?? Box(word);
        Second = second;
        InlineCount = (byte)(second is null ? 1 : InlineMax);
    }

    private protected Compound(ItemSeq parts)
    {
        First = parts.Body;
        if (!parts.IsFlat || parts.Flat is not { Length: 1 or InlineMax } few)
            return;
        First = few[0];
        Second = few.Length == InlineMax ? few[1] : null;
        InlineCount = (byte)few.Length;
    }

    /// <summary>All parts; a copy where they stand in the object.</summary>
    internal ItemSeq Parts => InlineCount switch
    {
        0 => Sequence,
        1 => new ItemSeq([Inline]),
        _ => new ItemSeq([Inline, Second!]),
    };

    internal int PartCount => InlineCount != 0 ? InlineCount : Sequence.Count;

    /// <summary>Whether the first part stands in the object as a number.</summary>
    internal bool HasNumber => First is null;

    /// <summary>All parts, where none stands in the object itself.</summary>
    internal ItemSeq Sequence => new(First!);

    private Value Inline => Unsafe.As<Value>(First) ?? Box(Number);

    /// <summary>A part as it stands there, which may be an evaluated thunk.</summary>
    internal Value PartAt(int index)
    {
        if (InlineCount == 0)
            return Sequence[index];
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, InlineCount);
        return index == 0 ? Inline : Second!;
    }

    /// <summary>A part; an evaluated thunk that stands there gives way to its value.</summary>
    internal Value Part(int index)
    {
        var part = PartAt(index);
        if (part.AsThunk is not { } thunk)
            return part;
        var value = thunk.Follow();
        if (value != part)
            SetPart(index, value);
        return value;
    }

    /// <summary>Overwrites the thunk that stands there by its value.</summary>
    internal void SetPart(int index, Value value)
    {
        if (InlineCount == 0)
        {
            // Where it was packed meanwhile, the value is there.
            var leaf = Sequence.FindLeaf(index, out var start);
            if (leaf.Values is { } values)
                values[index - start] = value;
        }
        else if (index == 0)
        {
            First = value;
        }
        else
        {
            Second = value;
        }
    }

    internal void CopyPartsTo(Span<Value> target)
    {
        if (InlineCount == 0)
        {
            Sequence.CopyTo(target);
            return;
        }
        target[0] = Inline;
        if (InlineCount == InlineMax)
            target[1] = Second!;
    }

    /// <summary>A new array.</summary>
    internal Value[] CopyParts()
    {
        var parts = new Value[PartCount];
        CopyPartsTo(parts);
        return parts;
    }

    /// <summary>The part as a word, where it is an evaluated small number.</summary>
    internal bool TryWord(int index, out ulong word)
    {
        if (InlineCount == 0)
            return Sequence.TryWord(index, out word);
        if (index == 0 && HasNumber)
        {
            word = Number;
            return true;
        }
        var small = PartAt(index).Resolved as SmallNat;
        word = small?.Word ?? 0;
        return small is not null;
    }

    /// <summary>Says that all of it is in normal form, and packs what turns out to be numbers
    /// alone.</summary>
    internal void MarkNormal()
    {
        if (InlineCount == 0 && this is Row or Tab && Sequence is { IsFlat: true } parts)
        {
            var packed = parts.Flat.Packed();
            if (packed.IsPacked)
                First = packed.Body;
        }
        Normality = NormalState.Normal;
    }

    /// <summary>Apart, because constructors are inlined into compiled code.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static SmallNat Box(ulong word) => Nat.Of(word);
}

/// <summary>What is known of a compound value's normal form.</summary>
internal enum NormalState : byte
{
    Unknown,

    /// <summary>Being walked: who meets it again has found a value that contains itself.</summary>
    Walking,

    /// <summary>In normal form all through; never walked again, safe to share.</summary>
    Normal,
}

using System.Runtime.CompilerServices;

namespace Pallas.Values;

/// <summary>
/// An array: <c>({0 n+1 0} xn .. x1)</c>; the empty row is the law <c>{0 1 0}</c>.
/// </summary>
public sealed class Row : Compound
{
    public static readonly Row Empty = new(new ItemSeq([]));

    private Row(ItemSeq items)
        : base(items)
    {
    }

    internal Row(Value item)
        : base(item)
    {
    }

    internal Row(Value first, Value second)
        : base(first, second)
    {
    }

    /// <param name="first">Null where the first item is the word.</param>
    /// <param name="boxed">The word as an object, if there is one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Row(Value? first, ulong word, Value? boxed, Value? second)
        : base(first, word, boxed, second)
    {
    }

    internal Row(ulong first, Value? second)
        : base(null, first, null, second)
    {
    }

    public int Count => PartCount;

    /// <summary>Element by index from 0; may be a pending thunk.</summary>
    public Value this[int index] => Part(index);

    public override int Arity => 1;

    public static Row Of(Value item) => new(item);

    public static Row Of(Value first, Value second) => new(first, second);

    /// <summary>Takes the array over: the caller keeps no reference to it.</summary>
    public static Row Of(params Value[] items) =>
        items.Length == 0 ? Empty : new Row(ItemSeq.Of(items));

    /// <param name="items">May be shared with other values.</param>
    /// <param name="isNormal">Whether all items are known to be in normal form.</param>
    internal static Row Of(ItemSeq items, bool isNormal = false)
    {
        if (items.Count == 0)
            return Empty;
        var row = new Row(items);
        if (isNormal || items.IsNormal)
            row.Normality = NormalState.Normal;
        return row;
    }

    public Value[] ToArray() => CopyParts();
}

/// <summary>A byte string: the law <c>{1 1 N}</c>, N being the bytes and then a 1 byte.</summary>
public sealed class Bar : Value
{
    public static readonly Bar Empty = new([]);

    private readonly byte[] bytes;

    private Bar(byte[] bytes) => this.bytes = bytes;

    public int Count => bytes.Length;

    public ReadOnlySpan<byte> Bytes => bytes;

    public override int Arity => 1;

    /// <summary>The number in the body of the law that this bar is.</summary>
    public Nat BodyNat
    {
        get
        {
            var body = new byte[bytes.Length + 1];
            bytes.CopyTo(body, 0);
            body[^1] = 1;
            return Nat.OfBytes(body);
        }
    }

    /// <summary>Takes the array over: the caller keeps no reference to it.</summary>
    public static Bar Of(params byte[] bytes) => bytes.Length == 0 ? Empty : new Bar(bytes);

    public static Bar OfText(string text) => Of(System.Text.Encoding.UTF8.GetBytes(text));
}

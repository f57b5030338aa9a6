using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Pallas.Values.Numbers;

namespace Pallas.Values;

/// <summary>A natural: <see cref="SmallNat"/> below 2^64, <see cref="BigNat"/> above.</summary>
public abstract class Nat : Value, IEquatable<Nat>, IComparable<Nat>
{
    private const int SmallCacheLength = 1024;
    private const int WordBytes = 8;
    private static readonly SmallNat[] SmallCache = MakeCache();

    private protected Nat()
    {
    }

    public static SmallNat Zero => SmallCache[0];

    public static SmallNat One => SmallCache[1];

    /// <summary>The number of bits up to the highest one that is set; 0 for zero.</summary>
    public abstract long BitLength { get; }

    /// <summary>The same or one more, at no cost.</summary>
    internal virtual long BitLengthMax => BitLength;

    public abstract BigInteger Big { get; }

    /// <summary>The number in words of 64 bits, the lowest first, the highest not zero.</summary>
    internal abstract ReadOnlySpan<ulong> Words { get; }

    public bool IsZero => this is SmallNat { Word: 0 };

    public static SmallNat Of(ulong word) =>
        word < SmallCacheLength ? SmallCache[word] : new SmallNat(word);

    public static SmallNat Of(bool bit) => SmallCache[bit ? 1 : 0];

    /// <param name="big">Not negative.</param>
    public static Nat Of(BigInteger big) =>
        big <= ulong.MaxValue ? Of((ulong)big) : OfBytes(big.ToByteArray(isUnsigned: true));

    /// <summary>Reads little-endian bytes; trailing zero bytes do not count.</summary>
    public static Nat OfBytes(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes.TrimEnd((byte)0);
        if (bytes.Length > WordBytes)
        {
            var words = new ulong[(bytes.Length + WordBytes - 1) / WordBytes];
            bytes.CopyTo(MemoryMarshal.AsBytes(words.AsSpan()));
            return new BigNat(words);
        }
        Span<byte> word = stackalloc byte[WordBytes];
        word.Clear();
        bytes.CopyTo(word);
        return Of(BinaryPrimitives.ReadUInt64LittleEndian(word));
    }

    /// <summary>Copies words of 64 bits; zeros at the high end do not count.</summary>
    internal static Nat OfWords(ReadOnlySpan<ulong> words)
    {
        words = words[..Numbers.Words.Trim(words)];
        return words.Length > 1
            ? new BigNat(words.ToArray())
            : Of(words.Length == 0 ? 0 : words[0]);
    }

    /// <summary>The same, taking the array over.</summary>
    internal static Nat OfWords(ulong[] words)
    {
        var length = Numbers.Words.Trim(words);
        return length == words.Length && length > 1
            ? new BigNat(words)
            : OfWords(words.AsSpan(0, length));
    }

    /// <summary>The number in decimal digits.</summary>
    public string ToDecimal() => this is SmallNat small
        ? small.Word.ToString(CultureInfo.InvariantCulture)
        : Natural.ToDecimal(WordMath.Best, this);

    /// <param name="digits">Decimal digits, nothing else.</param>
    public static Nat OfDecimal(ReadOnlySpan<char> digits)
    {
        if (ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var word))
            return Of(word);
        var ascii = new byte[digits.Length];
        for (var i = 0; i < ascii.Length; i++)
        {
            ascii[i] = char.IsAsciiDigit(digits[i])
                ? (byte)digits[i]
                : throw new FormatException("a number is made of digits");
        }
        return Natural.OfDecimal(WordMath.Best, ascii);
    }

    public static Nat OfText(string text) => OfBytes(Encoding.UTF8.GetBytes(text));

    /// <summary>How many bytes <see cref="ToBytes"/> gives.</summary>
    public int BytesCount => (int)((BitLength + 7) / 8);

    /// <summary>The little-endian bytes without trailing zeros; empty for zero.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[BytesCount];
        CopyBytes(bytes);
        return bytes;
    }

    /// <summary>Writes what <see cref="ToBytes"/> gives.</summary>
    /// <param name="to">At least <see cref="BytesCount"/> long.</param>
    public void CopyBytes(Span<byte> to)
    {
        var count = BytesCount;
        if (this is not SmallNat small)
        {
            MemoryMarshal.AsBytes(Words)[..count].CopyTo(to);
            return;
        }
        for (var i = 0; i < count; i++)
            to[i] = (byte)(small.Word >> (8 * i));
    }

    /// <summary>The text whose UTF-8 bytes this nat holds, or null if that is no text.</summary>
    public string? ToText()
    {
        try
        {
            return StrictUtf8.GetString(ToBytes());
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    public bool Equals(Nat? other) => other is not null && CompareTo(other) == 0;

    public override bool Equals(object? obj) => obj is Nat other && Equals(other);

    public override int GetHashCode()
    {
        if (this is SmallNat small)
            return small.Word.GetHashCode();
        var hash = default(HashCode);
        hash.AddBytes(MemoryMarshal.AsBytes(Words));
        return hash.ToHashCode();
    }

    public int CompareTo(Nat? other)
    {
        if (other is null)
            return 1;
        if (this is SmallNat a)
            return other is SmallNat b ? a.Word.CompareTo(b.Word) : -1;
        return other is SmallNat ? 1 : Numbers.Words.Compare(Words, other.Words);
    }

    /// <summary>What opcodes read of a value: its number, or 0 where it is none.</summary>
    public static Nat Coerce(Value value) => value as Nat ?? Zero;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private static SmallNat[] MakeCache()
    {
        var cache = new SmallNat[SmallCacheLength];
        for (var i = 0; i < cache.Length; i++)
            cache[i] = new SmallNat((ulong)i);
        return cache;
    }
}

/// <summary>A natural number below 2^64.</summary>
public sealed class SmallNat : Nat
{
    public readonly ulong Word;

    internal SmallNat(ulong word) => Word = word;

    public override int Arity => Opcode.ArityOf(this);

    public override long BitLength => 64 - BitOperations.LeadingZeroCount(Word);

    public override BigInteger Big => Word;

    internal override ReadOnlySpan<ulong> Words =>
        Word == 0 ? default : new ReadOnlySpan<ulong>(in Word);
}

/// <summary>A natural number of 2^64 and above.</summary>
/// <remarks>
/// A long number times a small one is left as it is until somebody looks: the next small factor
/// then goes to the first one, and a loop that multiplies one number on and on, such as a
/// factorial, goes through its words once for each word that it gains and not once a round.
/// Nobody can tell, and threads may share such a number: each that looks finds the same words.
/// </remarks>
public sealed class BigNat : Nat
{
    /// <summary>A number of this length is multiplied in about the time that an object takes.
    /// </summary>
    private const int OpenLengthMin = 16;

    /// <summary>The words, or the <see cref="Product"/> that is not multiplied out.</summary>
    private object body;

    /// <param name="words">Two at least, the highest not zero; taken over.</param>
    internal BigNat(ulong[] words) => body = words;

    private BigNat(Product product) => body = product;

    public override int Arity => 1;

    public override long BitLength => Numbers.Words.BitLength(Known);

    internal override long BitLengthMax => Volatile.Read(ref body) is Product product
        ? Numbers.Words.BitLength(product.Words)
            + 64 - BitOperations.LeadingZeroCount(product.Factor)
        : BitLength;

    public override BigInteger Big => ManagedMath.Big(Known);

    internal override ReadOnlySpan<ulong> Words => Known;

    private ulong[] Known
    {
        get
        {
            var known = Volatile.Read(ref body);
            if (known is not Product product)
                return Unsafe.As<ulong[]>(known);
            var words = Natural.Multiply(WordMath.Best, product.Words, product.Factor);
            Volatile.Write(ref body, words);
            return words;
        }
    }

    internal Nat Times(ulong factor)
    {
        if (factor <= 1)
            return factor == 0 ? Zero : this;
        if (Volatile.Read(ref body) is Product open
            && Math.BigMul(open.Factor, factor, out var both) == 0)
            return new BigNat(new Product(open.Words, both));
        var words = Known;
        return words.Length < OpenLengthMin
            ? new BigNat(Natural.Multiply(WordMath.Best, words, factor))
            : new BigNat(new Product(words, factor));
    }

    private sealed class Product(ulong[] words, ulong factor)
    {
        public readonly ulong[] Words = words;
        public readonly ulong Factor = factor;
    }
}

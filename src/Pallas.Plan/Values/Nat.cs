using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Pallas.Plan;

/// <summary>A natural: <see cref="SmallNat"/> below 2^64, <see cref="BigNat"/> above.</summary>
public abstract class Nat : Value, IEquatable<Nat>, IComparable<Nat>
{
    private const int SmallCacheLength = 1024;
    private static readonly SmallNat[] SmallCache = MakeCache();

    private protected Nat()
    {
    }

    public static SmallNat Zero => SmallCache[0];

    public static SmallNat One => SmallCache[1];

    /// <summary>The number of bits up to the highest one that is set; 0 for zero.</summary>
    public abstract long BitLength { get; }

    public abstract BigInteger Big { get; }

    public bool IsZero => this is SmallNat { Word: 0 };

    public static SmallNat Of(ulong word) =>
        word < SmallCacheLength ? SmallCache[word] : new SmallNat(word);

    public static SmallNat Of(bool bit) => SmallCache[bit ? 1 : 0];

    /// <param name="big">Not negative.</param>
    public static Nat Of(BigInteger big) =>
        big <= ulong.MaxValue ? Of((ulong)big) : new BigNat(big);

    /// <summary>Reads little-endian bytes; trailing zero bytes do not count.</summary>
    public static Nat OfBytes(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes.TrimEnd((byte)0);
        if (bytes.Length > 8)
            return new BigNat(new BigInteger(bytes, isUnsigned: true));
        Span<byte> word = stackalloc byte[8];
        word.Clear();
        bytes.CopyTo(word);
        return Of(BinaryPrimitives.ReadUInt64LittleEndian(word));
    }

    public static Nat OfText(string text) => OfBytes(Encoding.UTF8.GetBytes(text));

    /// <summary>The little-endian bytes without trailing zeros; empty for zero.</summary>
    public byte[] ToBytes()
    {
        if (this is SmallNat small)
        {
            var bytes = new byte[(small.BitLength + 7) / 8];
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)(small.Word >> (8 * i));
            return bytes;
        }
        return Big.ToByteArray(isUnsigned: true);
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

    public override int GetHashCode() =>
        this is SmallNat small ? small.Word.GetHashCode() : Big.GetHashCode();

    public int CompareTo(Nat? other)
    {
        if (other is null)
            return 1;
        if (this is SmallNat a)
            return other is SmallNat b ? a.Word.CompareTo(b.Word) : -1;
        return other is SmallNat ? 1 : Big.CompareTo(other.Big);
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
}

/// <summary>A natural number of 2^64 and above.</summary>
public sealed class BigNat : Nat
{
    private readonly BigInteger big;

    internal BigNat(BigInteger big) => this.big = big;

    public override int Arity => 1;

    public override long BitLength => big.GetBitLength();

    public override BigInteger Big => big;
}

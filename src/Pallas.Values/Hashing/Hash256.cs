using System.Buffers.Binary;

namespace Pallas.Values.Hashing;

/// <summary>
/// 32 bytes that name a value by its content. Written in base 58; ordered as the bytes are.
/// </summary>
public readonly struct Hash256 : IEquatable<Hash256>, IComparable<Hash256>
{
    public const int BytesCount = 32;

    // Little-endian words of the 32 bytes, first bytes first.
    private readonly ulong word0, word1, word2, word3;

    private Hash256(ulong word0, ulong word1, ulong word2, ulong word3)
    {
        this.word0 = word0;
        this.word1 = word1;
        this.word2 = word2;
        this.word3 = word3;
    }

    /// <summary>Takes the first 32 bytes of <paramref name="bytes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 32.</exception>
    public static Hash256 FromBytes(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, BytesCount);
        return new Hash256(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
    }

    /// <summary>Writes the 32 bytes to the front of <paramref name="bytes"/>.</summary>
    public void WriteTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, word0);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], word1);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], word2);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], word3);
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[BytesCount];
        WriteTo(bytes);
        return bytes;
    }

    /// <summary>False when the text is not base 58 of exactly 32 bytes.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Hash256 hash)
    {
        Span<byte> bytes = stackalloc byte[BytesCount];
        var good = Base58.TryDecode(text, bytes);
        hash = good ? FromBytes(bytes) : default;
        return good;
    }

    /// <exception cref="FormatException">The text is not base 58 of 32 bytes.</exception>
    public static Hash256 Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var hash)
            ? hash
            : throw new FormatException($"'{text}' is not a hash: base 58 of 32 bytes is needed.");

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[BytesCount];
        WriteTo(bytes);
        return Base58.Encode(bytes);
    }

    public bool Equals(Hash256 other) =>
        word0 == other.word0 && word1 == other.word1
        && word2 == other.word2 && word3 == other.word3;

    public override bool Equals(object? obj) => obj is Hash256 other && Equals(other);

    /// <summary>The bytes are random already: any 32 bits of them will do.</summary>
    public override int GetHashCode() => (int)word0;

    public int CompareTo(Hash256 other)
    {
        var order = Compare(word0, other.word0);
        if (order == 0)
            order = Compare(word1, other.word1);
        if (order == 0)
            order = Compare(word2, other.word2);
        return order == 0 ? Compare(word3, other.word3) : order;
    }

    public static bool operator ==(Hash256 left, Hash256 right) => left.Equals(right);

    public static bool operator !=(Hash256 left, Hash256 right) => !left.Equals(right);

    private static int Compare(ulong left, ulong right) =>
        BinaryPrimitives.ReverseEndianness(left)
            .CompareTo(BinaryPrimitives.ReverseEndianness(right));
}

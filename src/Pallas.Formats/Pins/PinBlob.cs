using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Pallas.Formats.Seeds;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Formats.Pins;

/// <summary>
/// A pin as a store keeps it under its hash: the number of its references as a word, their
/// hashes of 32 bytes each, its germ.
/// </summary>
public static class PinBlob
{
    private const int CountBytes = 8;
    private const int BarHeadWords = 7;

    public static byte[] Write(Pin pin)
    {
        if (pin.Item is Bar { Count: >= sizeof(ulong) } bar)
            return WriteBar(bar);
        var germ = Germ.Write(pin);
        var headBytes = CountBytes + pin.Refs.Count * Hash256.BytesCount;
        var blob = new byte[headBytes + germ.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(blob, (ulong)pin.Refs.Count);
        for (var i = 0; i < pin.Refs.Count; i++)
            pin.Refs[i].Hash.WriteTo(blob.AsSpan(CountBytes + i * Hash256.BytesCount));
        germ.CopyTo(blob, headBytes);
        return blob;
    }

    /// <summary>
    /// The same for bytes that do not fit into a word, <c>(0 1 1 N)</c>: no references, no holes, a
    /// big nat, the bytes 1 and 0, one fragment. Pinned bytes are the bodies of messages, and the
    /// general way takes ten times the time and memory.
    /// </summary>
    private static byte[] WriteBar(Bar bar)
    {
        // In a table of N, 1 and 0: ((0 1) 1) N, each index in two bits.
        const ushort Fragment = 0b000_010_010_100_11;
        var words = (bar.Count / sizeof(ulong)) + 1;
        var blob = new byte[(BarHeadWords + words + 1) * sizeof(ulong)];
        ReadOnlySpan<ulong> head = [0, 0, 1, 0, 2, 1, (ulong)words];
        for (var i = 0; i < head.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(blob.AsSpan(i * sizeof(ulong)), head[i]);
        var body = blob.AsSpan(BarHeadWords * sizeof(ulong));
        bar.Bytes.CopyTo(body);
        body[bar.Count] = 1;
        var end = body[(words * sizeof(ulong))..];
        end[0] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(end[2..], Fragment);
        return blob;
    }

    /// <summary>The hashes of the pins it refers to, without reading the item.</summary>
    public static bool TryReadRefs(
        ReadOnlySpan<byte> blob, [NotNullWhen(true)] out Hash256[]? refs,
        [NotNullWhen(false)] out SeedError? error)
    {
        refs = null;
        error = null;
        if (blob.Length < CountBytes)
        {
            error = new SeedError(blob.Length, "the blob ends within its header");
            return false;
        }

        var count = BinaryPrimitives.ReadUInt64LittleEndian(blob);
        if (count > (ulong)(blob.Length - CountBytes) / Hash256.BytesCount)
        {
            error = new SeedError(0, "more references than the blob can hold");
            return false;
        }

        refs = new Hash256[(int)count];
        for (var i = 0; i < refs.Length; i++)
            refs[i] = Hash256.FromBytes(blob[(CountBytes + i * Hash256.BytesCount)..]);
        return true;
    }

    /// <param name="find">The pin of a hash, or null where there is none.</param>
    /// <param name="item">What the pin holds; its hash is not checked.</param>
    /// <param name="trusted">As for <see cref="SeedReader"/>.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> blob, Func<Hash256, Pin?> find, [NotNullWhen(true)] out Value? item,
        [NotNullWhen(false)] out SeedError? error, bool trusted = false)
    {
        item = null;
        if (!TryReadRefs(blob, out var refs, out error))
            return false;

        var holes = new Pin[refs.Length];
        for (var i = 0; i < holes.Length; i++)
        {
            if (find(refs[i]) is not { } pin)
            {
                var offset = CountBytes + i * Hash256.BytesCount;
                error = new SeedError(offset, $"the pin {refs[i]} is missing");
                return false;
            }

            holes[i] = pin;
        }

        var headBytes = CountBytes + refs.Length * Hash256.BytesCount;
        if (!SeedReader.TryRead(
            blob[headBytes..], holes, trusted, out item, out error, out var unfoldedSize))
        {
            error = error with { Offset = headBytes + error.Offset };
            return false;
        }

        if (unfoldedSize <= SeedReader.UnfoldedSizeMax)

            return true;
        item = null;
        error = new SeedError(headBytes, "the pin unfolds to more than can be hashed");
        return false;
    }
}

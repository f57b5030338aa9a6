using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Formats.Chunks;

/// <summary>Takes the chunks of a value.</summary>
public interface IChunkSink
{
    /// <summary>Whether the chunk is there, with all that it refers to, and will stay.</summary>
    bool IsKept(Hash256 chunk);

    void Put(Hash256 hash, byte[] bytes);

    /// <summary>A chunk refers to this pin.</summary>
    void Refer(Pin pin);
}

/// <summary>
/// Cuts values into chunks, leaving out those that are there already.
/// </summary>
/// <remarks>
/// A part becomes a chunk of its own once it takes <see cref="CutBytes"/>, so the chunks of equal
/// parts are equal. What has been a chunk is remembered with the object, so writing a value that
/// was made out of one written before costs what is new in it, and the path to it. Sharing within
/// a value is kept where it matters: a shared part is written out twice only while it is small.
/// The walk keeps a stack of its own, and a program is a post-order, so depth is free.
/// </remarks>
public sealed class ChunkWriter
{
    /// <summary>
    /// Small enough that a change rewrites little, big enough that a hash of 32 bytes is little
    /// beside it.
    /// </summary>
    private const int CutBytes = 1024;

    /// <summary>What an object takes in memory beside what it takes in a chunk, roughly.</summary>
    private const int MemoryFactor = 8;

    /// <summary>More is not written as a whole: a few shared parts may have no end.</summary>
    private const int WholeBytesMax = 4 << 20;

    private readonly Dictionary<object, (StoredAt Place, int BytesCount)> cut =
        new(ReferenceEqualityComparer.Instance);

    private readonly Stack<Frame> frames = new();
    private readonly ChunkSource? source;
    private readonly IChunkSink? sink;
    private readonly Action<Pin> refer;
    private byte[] bytes;
    private int length;

    public ChunkWriter(ChunkSource source, IChunkSink sink)
    {
        (this.source, this.sink, refer) = (source, sink, sink.Refer);
        bytes = new byte[1 << 16];
    }

    private ChunkWriter(Action<Pin> onPin)
    {
        refer = onPin;
        bytes = new byte[1 << 10];
    }

    private struct Frame
    {
        public object Part;
        public int Next;
        public int Start;
    }

    /// <summary>A value as one chunk with all that it is but its pins.</summary>
    /// <param name="value">In normal form.</param>
    /// <param name="onPin">Gets each pin that the chunk refers to, as often as it does.</param>
    /// <returns>Null where it is too big for that, its sharing being written out.</returns>
    public static byte[]? WriteWhole(Value value, Action<Pin> onPin)
    {
        var writer = new ChunkWriter(onPin);
        return writer.Walk(value.Resolved) ? writer.TakeChunk(0) : null;
    }

    /// <param name="value">In normal form.</param>
    /// <returns>The hash of its chunk.</returns>
    public Hash256 Write(Value value)
    {
        value = value.Resolved;
        if (FindPlace(value) is { } known)
            return known.Chunk;
        Walk(value);
        return Cut(value, 0).Chunk;
    }

    /// <summary>Remembers the chunks with their objects, after they were committed.</summary>
    public void Committed()
    {
        foreach (var (part, (place, bytesCount)) in cut)
        {
            if (part is ItemNode node)
            {
                node.Place = place;
                source!.Kept(node, (long)bytesCount * MemoryFactor);
            }
            else
            {
                source!.SetPlace((Value)part, place);
            }
        }
        cut.Clear();
    }

    private bool Walk(Value value)
    {
        length = 0;
        Begin(value);
        while (frames.TryPop(out var frame))
        {
            if (NextPart(ref frame) is { } part)
            {
                frames.Push(frame);
                Begin(part);
                continue;
            }
            WriteEnd(frame.Part);
            if (IsToCut(length - frame.Start))
                WriteReference(frame.Part, Cut(frame.Part, frame.Start));
            else if (length > WholeBytesMax && sink is null)
                return false;
        }
        return true;
    }

    /// <summary>Whether what was just written is a chunk of its own; the whole is cut last.
    /// </summary>
    private bool IsToCut(int bytesCount) =>
        bytesCount >= CutBytes && frames.Count > 0 && sink is not null;

    private StoredAt? FindPlace(object part)
    {
        if (source is null || sink is null)
            return null;
        if (cut.TryGetValue(part, out var done))
            return done.Place;
        var place = part switch
        {
            ItemNode node => node.Place is { } at && at.Source == source ? at : null,
            SmallNat or Pin or Bar { Count: < CutBytes } => null,
            Value value => source.PlaceOf(value),
            _ => null,
        };
        return place is not null && sink.IsKept(place.Chunk) ? place : null;
    }

    private void Begin(object part)
    {
        if (part is SmallNat small)
        {
            WriteNat(small.Word);
            return;
        }
        if (FindPlace(part) is { } place)
        {
            WriteReference(part, place);
            return;
        }
        switch (part)
        {
            case BigNat big:
                WriteContent(big, ChunkCode.BigNat, big.ToBytes());
                break;
            case Pin pin:
                WriteByte(ChunkCode.Pin);
                pin.Hash.WriteTo(Room(Hash256.BytesCount));
                refer(pin);
                break;
            case Bar bar:
                WriteContent(bar, ChunkCode.Bar, bar.Bytes);
                break;
            default:
                var start = length;
                frames.Push(new Frame { Part = part, Next = WritePacked(part), Start = start });
                break;
        }
    }

    /// <summary>Writes the items of a part that are packed; returns how many.</summary>
    private int WritePacked(object part)
    {
        if (part is Row { HasNumber: true } cell)
        {
            WriteNat(cell.Number);
            return 1;
        }
        var run = part switch
        {
            ItemNode leaf => leaf.Run,
            Row { InlineCount: 0, Parts: { IsFlat: true } items } => items.Flat,
            Set { Keys: { IsFlat: true } keys } => keys.Flat,
            _ => ItemRun.Empty,
        };
        if (!run.IsPacked)
            return 0;
        for (var i = 0; i < run.Length; i++)
        {
            run.TryWord(i, out var word);
            WriteNat(word);
        }
        return run.Length;
    }

    /// <summary>The next thing that a part takes from the stack, or null after the last.</summary>
    private static object? NextPart(ref Frame frame)
    {
        var index = frame.Next++;
        switch (frame.Part)
        {
            case ItemNode { Kids: { } kids }:
                return index < kids.Length ? kids[index] : null;
            case ItemNode leaf:
                return Item(leaf.Run, index);
            case App app:
                return index == 0 ? app.Head : index <= app.Count ? app[index - 1] : null;
            case Row row:
                return Item(row, index);
            case Set set:
                return Item(set.Keys, index);
            case Tab tab:
                return index == 0 ? tab.Keys : Item(tab, index - 1);
            case Law law:
                return index switch { 0 => law.Name, 1 => law.ArgCount, 2 => law.Body, _ => null };
            case Cow cow:
                return index == 0 ? cow.Size : null;
            default:
                throw new InvalidOperationException("only a value in normal form has chunks");
        }
    }

    private static object? Item(Compound value, int index) => value.InlineCount == 0
        ? Item(value.Parts, index)
        : index < value.InlineCount ? value.Part(index) : null;

    private static object? Item(ItemSeq items, int index)
    {
        if (!items.IsFlat)
            return index == 0 ? items.Tree : null;
        return Item(items.Flat, index);
    }

    private static Value? Item(ItemRun run, int index) =>
        index < run.Length ? run[index].Resolved : null;

    private void WriteEnd(object part)
    {
        switch (part)
        {
            case ItemNode { Kids: { } kids }:
                WriteCounted(ChunkCode.Branch, kids.Length);
                break;
            case ItemNode leaf:
                WriteCounted(ChunkCode.Leaf, leaf.Count);
                break;
            case App app:
                WriteCounted(ChunkCode.App, app.Count);
                break;
            case Row row:
                WriteSeq(row.Parts, ChunkCode.Row, ChunkCode.LongRow);
                break;
            case Set set:
                WriteSeq(set.Keys, ChunkCode.Set, ChunkCode.LongSet);
                break;
            case Tab tab:
                WriteSeq(tab.Parts, ChunkCode.Tab, ChunkCode.LongTab);
                break;
            default:
                WriteByte(part is Law ? ChunkCode.Law : ChunkCode.Cow);
                break;
        }
    }

    private void WriteSeq(ItemSeq items, byte flat, byte tree)
    {
        if (items.IsFlat)
            WriteCounted(flat, items.Count);
        else
            WriteByte(tree);
    }

    /// <summary>Takes what was written from a place on out, as a chunk.</summary>
    private StoredAt Cut(object part, int start)
    {
        var chunk = TakeChunk(start);
        var place = source!.FindPlace(Blake3.Hash(chunk));
        if (!sink!.IsKept(place.Chunk))
            sink.Put(place.Chunk, chunk);
        cut[part] = (place, chunk.Length);
        return place;
    }

    private byte[] TakeChunk(int start)
    {
        var chunk = new byte[1 + length - start];
        chunk[0] = ChunkCode.Version;
        bytes.AsSpan(start..length).CopyTo(chunk.AsSpan(1));
        length = start;
        return chunk;
    }

    private void WriteReference(object part, StoredAt place)
    {
        WriteByte(part is ItemNode ? ChunkCode.NodeChunk : ChunkCode.ValueChunk);
        place.Chunk.WriteTo(Room(Hash256.BytesCount));
        if (part is not ItemNode node)
            return;
        WriteNumber((ulong)node.Count);
        WriteNumber((ulong)node.Height);
    }

    private void WriteNat(ulong word)
    {
        if (word < ChunkCode.ShortNat)
        {
            WriteByte((byte)(ChunkCode.ShortNat | word));
            return;
        }
        WriteByte(ChunkCode.Nat);
        WriteNumber(word);
    }

    private void WriteContent(Value part, byte op, ReadOnlySpan<byte> content)
    {
        var start = length;
        WriteCounted(op, content.Length);
        content.CopyTo(Room(content.Length));
        if (IsToCut(content.Length))
            WriteReference(part, Cut(part, start));
    }

    private void WriteCounted(byte op, int count)
    {
        WriteByte(op);
        WriteNumber((ulong)count);
    }

    private void WriteNumber(ulong number)
    {
        for (; number >= 0x80; number >>= 7)
            WriteByte((byte)(number | 0x80));
        WriteByte((byte)number);
    }

    private void WriteByte(byte value) => Room(1)[0] = value;

    /// <summary>Makes room at the end and counts it as written.</summary>
    private Span<byte> Room(int count)
    {
        if (bytes.Length - length < count)
            Array.Resize(ref bytes, Math.Max(2 * bytes.Length, length + count));
        length += count;
        return bytes.AsSpan(length - count, count);
    }
}

using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Formats.Chunks;

/// <summary>Builds values out of chunks; see <see cref="ChunkCode"/>.</summary>
/// <remarks>
/// Pins and nodes of trees that are chunks of their own stay where they are until they are
/// touched. Other parts that are, such as the tail of a long list, are loaded along.
/// </remarks>
public sealed class ChunkReader
{
    private const int ObjectBytes = 32;

    private readonly ChunkSource source;
    private readonly Dictionary<Hash256, Value> loaded = [];
    private readonly Stack<Frame> frames = new();
    private object[] stack = new object[64];
    private int stackCount;
    private long memoryBytes;
    private Frame current;

    private ChunkReader(ChunkSource source) => this.source = source;

    private struct Frame
    {
        public byte[] Bytes;
        public int At;
        public Hash256 Hash;
        public bool IsWhole;
    }

    /// <summary>Leads from anywhere out of <see cref="ReadWhole"/>.</summary>
    private sealed class UnreadableWhole : Exception;

    /// <summary>The value of a chunk.</summary>
    public static Value ReadValue(ChunkSource source, Hash256 chunk) =>
        new ChunkReader(source).Read(chunk) as Value ?? throw source.Unreadable(chunk);

    /// <summary>The value of a chunk that is kept elsewhere, under no hash.</summary>
    /// <returns>Null where the bytes make no sense.</returns>
    public static Value? ReadWhole(ChunkSource source, byte[] chunk)
    {
        if (chunk.Length < 2 || chunk[0] != ChunkCode.Version)
            return null;
        var reader = new ChunkReader(source)
        {
            current = new Frame { Bytes = chunk, At = 1, IsWhole = true },
        };
        try
        {
            return reader.Run() as Value;
        }
        catch (UnreadableWhole)
        {
            return null;
        }
    }

    internal static ItemNode ReadNode(ChunkSource source, Hash256 chunk, out long memoryBytes)
    {
        var reader = new ChunkReader(source);
        if (reader.Read(chunk) is not ItemNode node)
            throw source.Unreadable(chunk);
        memoryBytes = reader.memoryBytes;
        return node;
    }

    /// <summary>The hashes that a chunk refers to, without building anything.</summary>
    /// <returns>False where it is no chunk.</returns>
    public static bool TryReadRefs(
        ReadOnlySpan<byte> chunk, Action<Hash256> onPin, Action<Hash256> onChunk)
    {
        if (chunk.Length < 2 || chunk[0] != ChunkCode.Version)
            return false;
        var at = 1;
        while (at < chunk.Length)
        {
            var code = chunk[at++];
            if (code is ChunkCode.Pin or ChunkCode.ValueChunk or ChunkCode.NodeChunk)
            {
                if (chunk.Length - at < Hash256.BytesCount)
                    return false;
                var hash = Hash256.FromBytes(chunk[at..]);
                (code == ChunkCode.Pin ? onPin : onChunk)(hash);
                at += Hash256.BytesCount;
            }
            for (var numbers = NumbersOf(code); numbers > 0; numbers--)
            {
                if (!TryReadNumber(chunk, ref at, out var number))
                    return false;
                if (code is not (ChunkCode.BigNat or ChunkCode.Bar))
                    continue;
                if (number > (ulong)(chunk.Length - at))
                    return false;
                at += (int)number;
            }
        }
        return true;
    }

    private static int NumbersOf(byte code) => code switch
    {
        >= ChunkCode.ShortNat or ChunkCode.Pin or ChunkCode.Law or ChunkCode.Cow => 0,
        ChunkCode.LongRow or ChunkCode.LongSet or ChunkCode.LongTab => 0,
        ChunkCode.ValueChunk => 0,
        ChunkCode.NodeChunk => 2,
        _ => 1,
    };

    private object Read(Hash256 chunk)
    {
        Open(chunk);
        return Run();
    }

    private object Run()
    {
        while (true)
        {
            if (current.At < current.Bytes.Length)
            {
                Step();
                continue;
            }
            if (stackCount == 0)
                throw Unreadable();
            if (!current.IsWhole && stack[stackCount - 1] is Value value)
            {
                loaded[current.Hash] = value;
                source.SetPlace(value, source.FindPlace(current.Hash));
            }
            if (frames.Count == 0)
                return stackCount == 1 ? Pop() : throw Unreadable();
            current = frames.Pop();
        }
    }

    private void Open(Hash256 chunk)
    {
        current = new Frame { Bytes = source.ReadChunk(chunk), At = 1, Hash = chunk };
        if (current.Bytes.Length < 2 || current.Bytes[0] != ChunkCode.Version)
            throw Unreadable();
    }

    private void Step()
    {
        var code = current.Bytes[current.At++];
        if (code >= ChunkCode.ShortNat)
        {
            Push(Nat.Of((ulong)(code & ~ChunkCode.ShortNat)));
            return;
        }
        switch (code)
        {
            case ChunkCode.Nat:
                Push(Nat.Of(ReadNumber()));
                break;
            case ChunkCode.BigNat:
                Push(Nat.OfBytes(ReadBytes()));
                break;
            case ChunkCode.Bar:
                Push(Bar.Of(ReadBytes().ToArray()));
                break;
            case ChunkCode.Pin:
                Push(source.FindPin(ReadHash()));
                break;
            case ChunkCode.ValueChunk:
                PushChunk(ReadHash());
                break;
            case ChunkCode.NodeChunk:
                var place = source.FindPlace(ReadHash());
                var (count, height) = (ReadCount(), ReadCount());
                if (!ItemNode.MayHold(count, height))
                    throw Unreadable();
                Push(ItemNode.Stored(count, height, place));
                break;
            default:
                Push(Build(code));
                break;
        }
    }

    private object Build(byte code)
    {
        switch (code)
        {
            case ChunkCode.Law:
                var body = Pop<Value>();
                var argCount = Pop<Nat>();
                if (argCount.IsZero)
                    throw Unreadable();
                return Law.Make(Pop<Nat>(), argCount, body);
            case ChunkCode.App:
                var args = PopMany<Value>(ReadCount());
                var head = Pop<Value>();
                if (args.Length == 0 || head is App || !MayTake(head, args.Length))
                    throw Unreadable();
                return Normal(new App(head, args));
            case ChunkCode.Row:
                return RowOf(PopMany<Value>(ReadCount()));
            case ChunkCode.LongRow:
                return Row.Of(new ItemSeq(Pop<ItemNode>()), isNormal: true);
            case ChunkCode.Cow:
                var size = Pop<Nat>();
                return size.IsZero ? throw Unreadable() : new Cow(size);
            case ChunkCode.Set:
                return Set.OfAscending(ItemSeq.OfFlat(PopMany<Value>(ReadCount())));
            case ChunkCode.LongSet:
                return Set.OfAscending(new ItemSeq(Pop<ItemNode>()));
            case ChunkCode.Tab:
                var values = PopMany<Value>(ReadCount());
                return MakeTab(Pop<Set>(), ItemSeq.OfFlat(values));
            case ChunkCode.LongTab:
                var tree = Pop<ItemNode>();
                return MakeTab(Pop<Set>(), new ItemSeq(tree));
            case ChunkCode.Leaf:
                var items = PopMany<Value>(ReadCount());
                return ItemNode.MayHold(items.Length, height: 0)
                    ? ItemNode.Leaf(items)
                    : throw Unreadable();
            case ChunkCode.Branch:
                return ItemNode.TryOfKids(PopMany<ItemNode>(ReadCount())) ?? throw Unreadable();
            default:
                throw Unreadable();
        }
    }

    /// <summary>Whether so many arguments leave a closure; a pin is not loaded to find out.
    /// </summary>
    private static bool MayTake(Value head, int argsCount) =>
        head is Pin { IsUnseen: true } || argsCount < head.Arity;

    private Compound MakeTab(Set keys, ItemSeq values) =>
        keys.Count == values.Count ? Normal(Tab.Of(keys, values)) : throw Unreadable();

    /// <summary>A number at the head of a cell needs no object.</summary>
    private static Value RowOf(Value[] items) => items switch
    {
        [SmallNat only] => Normal(new Row(only.Word, null)),
        [SmallNat first, var second] => Normal(new Row(first.Word, second)),
        _ => Row.Of(ItemSeq.OfFlat(items), isNormal: true),
    };

    private static Compound Normal(Compound value)
    {
        value.Normality = NormalState.Normal;
        return value;
    }

    private void PushChunk(Hash256 chunk)
    {
        if (loaded.TryGetValue(chunk, out var known))
        {
            Push(known);
            return;
        }
        frames.Push(current);
        Open(chunk);
    }

    private void Push(object part)
    {
        if (stackCount == stack.Length)
            Array.Resize(ref stack, 2 * stackCount);
        stack[stackCount++] = part;
        memoryBytes += ObjectBytes + (part is Bar bar ? bar.Count : 0);
    }

    private object Pop() => stackCount > 0 ? stack[--stackCount] : throw Unreadable();

    private T Pop<T>()
        where T : class => Pop() as T ?? throw Unreadable();

    private T[] PopMany<T>(int count)
        where T : class
    {
        if (count > stackCount)
            throw Unreadable();
        stackCount -= count;
        memoryBytes += count * 8L;
        var parts = new T[count];
        for (var i = 0; i < count; i++)
            parts[i] = stack[stackCount + i] as T ?? throw Unreadable();
        return parts;
    }

    private int ReadCount() =>
        ReadNumber() is <= int.MaxValue and var count ? (int)count : throw Unreadable();

    private ulong ReadNumber() =>
        TryReadNumber(current.Bytes, ref current.At, out var number) ? number : throw Unreadable();

    private ReadOnlySpan<byte> ReadBytes()
    {
        var count = ReadCount();
        if (count > current.Bytes.Length - current.At)
            throw Unreadable();
        current.At += count;
        return current.Bytes.AsSpan(current.At - count, count);
    }

    private Hash256 ReadHash()
    {
        if (current.Bytes.Length - current.At < Hash256.BytesCount)
            throw Unreadable();
        current.At += Hash256.BytesCount;
        return Hash256.FromBytes(current.Bytes.AsSpan(current.At - Hash256.BytesCount));
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> bytes, ref int at, out ulong number)
    {
        number = 0;
        for (var shift = 0; at < bytes.Length && shift < 64; shift += 7)
        {
            var next = bytes[at++];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return true;
        }
        return false;
    }

    private Exception Unreadable() =>
        current.IsWhole ? new UnreadableWhole() : source.Unreadable(current.Hash);
}

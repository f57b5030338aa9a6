using System.Buffers.Binary;
using System.Numerics;
using Pallas.Values;

namespace Pallas.Formats.Seeds;

/// <summary>
/// One reading of one seed. Steps return false once <see cref="Error"/> is set. Beside each value
/// goes its size: how many cells and words it has with all sharing written out, up to a bound.
/// </summary>
internal ref struct SeedParser
{
    private const int HeaderBytes = 40;
    private const int WordBytes = 8;
    private const long SizeMax = 1L << 60;

    /// <summary>More bits than that are more than a number can have here.</summary>
    private const ulong BigWordsMax = (1UL << 25) - 1;

    private readonly ReadOnlySpan<byte> bytes;
    private readonly Func<Value, Value, Value>? apply;
    private readonly Stack<Frame> frames = [];
    private long workLeft;
    private int at;
    private long bit;
    private Sized[] table = [];
    private int tableCount;
    private Sized[] args = new Sized[16];
    private int argCount;

    /// <summary>An application under way; its arguments so far start at the given one.</summary>
    private struct Frame
    {
        public Sized Head;
        public int FirstArg;
        public long ArgsMissing;
    }

    private readonly record struct Sized(Value Value, long Size);

    /// <param name="apply">Builds applications; null where they must be in normal form.</param>
    /// <param name="workMax">How many fields may be copied and parts compared.</param>
    public SeedParser(
        ReadOnlySpan<byte> bytes, Func<Value, Value, Value>? apply, long workMax)
    {
        this.bytes = bytes;
        this.apply = apply;
        workLeft = workMax;
    }

    public SeedError? Error { get; private set; }

    /// <summary>Of the value that was read.</summary>
    public long UnfoldedSize { get; private set; }

    public readonly int Offset => bit > 0 ? (int)Math.Min(bit / 8, bytes.Length) : at;

    public static long WorkMax(int inputBytes) => (1L << 20) + 64L * inputBytes;

    /// <returns>The value, or null where there is an error.</returns>
    public Value? Parse(ReadOnlySpan<Pin> holes)
    {
        Span<ulong> counts = stackalloc ulong[5];
        if (!ReadHeader(counts, holes.Length) || !MakeTable(counts))
            return null;

        foreach (var hole in holes)

            Add(new Sized(hole, 1));
        if (!ReadBigs((int)counts[1]))
            return null;
        for (ulong i = 0; i < counts[2]; i++)
            Add(new Sized(Nat.Of(ReadWord()), 1));
        for (ulong i = 0; i < counts[3]; i++)
            Add(new Sized(Nat.Of((ulong)bytes[at++]), 1));

        bit = 8L * at;
        while (tableCount < table.Length)
        {
            if (!ReadFragment())
                return null;
        }

        if (!CheckEnd())

            return null;
        UnfoldedSize = table[^1].Size;
        return table[^1].Value;
    }

    private bool ReadHeader(scoped Span<ulong> counts, int holeCount)
    {
        if (bytes.Length % WordBytes != 0)
            return Fail(bytes.Length, "the length is no multiple of 8");
        if (bytes.Length < HeaderBytes)
            return Fail(bytes.Length, "the file ends within its header");
        for (var i = 0; i < counts.Length; i++)
            counts[i] = ReadWord();
        return counts[0] == (ulong)holeCount
            || Fail(0, $"{counts[0]} holes where {holeCount} are filled");
    }

    /// <summary>Holds the counts against the length; nothing is made before.</summary>
    private bool MakeTable(scoped ReadOnlySpan<ulong> counts)
    {
        var left = (ulong)(bytes.Length - at);
        if (counts[1] > left / WordBytes)
            return Fail(8, "more big numbers than the file can hold");
        left -= counts[1] * WordBytes;
        for (var i = 0; i < (int)counts[1]; i++)
        {
            var place = at + i * WordBytes;
            var words = BinaryPrimitives.ReadUInt64LittleEndian(bytes[place..]);
            if (words < 2)
                return Fail(place, "a big number of fewer than two words");
            if (words > left / WordBytes)
                return Fail(place, "a big number is cut off");
            if (words > BigWordsMax)
                return Fail(place, "a number too big for this machine");
            left -= words * WordBytes;
        }

        if (counts[2] > left / WordBytes)

            return Fail(16, "more words than the file can hold");
        left -= counts[2] * WordBytes;
        if (counts[3] > left)
            return Fail(24, "more bytes than the file can hold");
        left -= counts[3];

        // A fragment has two leaves of one bit or more.
        if (counts[4] > left * 4)
            return Fail(32, "more fragments than the file can hold");
        var leaves = counts[0] + counts[1] + counts[2] + counts[3];
        if (leaves == 0)
            return Fail(0, "the file holds no value");
        if (counts[4] == 0 && leaves > 1)
            return Fail(32, "values that nothing refers to");
        if (leaves + counts[4] > (ulong)Array.MaxLength)
            return Fail(32, "too many values");
        table = new Sized[(int)(leaves + counts[4])];
        return true;
    }

    private bool ReadBigs(int count)
    {
        var width = at;
        at += count * WordBytes;
        for (var i = 0; i < count; i++)
        {
            var words = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes[width..]);
            var data = bytes.Slice(at, words * WordBytes);
            if (data[^WordBytes..].IndexOfAnyExcept((byte)0) < 0)
                return Fail(at, "a big number whose top word is zero");
            Add(new Sized(Nat.OfBytes(data), words));
            at += data.Length;
            width += WordBytes;
        }

        return true;
    }

    private ulong ReadWord()
    {
        var word = BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
        at += WordBytes;
        return word;
    }

    private void Add(Sized entry) => table[tableCount++] = entry;

    private bool ReadFragment()
    {
        var width = 32 - BitOperations.LeadingZeroCount((uint)tableCount - 1);
        long marks = 1;
        while (true)
        {
            // A tree: marks of the applications on its left side, then their innermost head.
            if (!ReadMarks(ref marks) || !ReadReference(width, out var tree))
                return false;
            if (marks > 0)
            {
                if (marks > 8L * bytes.Length - bit || marks > Array.MaxLength)
                    return Fail("an application lacks its arguments");
                frames.Push(
                    new Frame { Head = tree, FirstArg = argCount, ArgsMissing = marks });
                marks = 0;
                continue;
            }

            if (!Deliver(tree))

                return false;
            if (frames.Count == 0)
                return true;
        }
    }

    /// <summary>
    /// Gives a tree to the application that waits for it, which when complete is given on; with
    /// none waiting it is the fragment.
    /// </summary>
    private bool Deliver(Sized tree)
    {
        while (frames.TryPop(out var frame))
        {
            if (argCount == args.Length)
                Array.Resize(ref args, 2 * argCount);
            args[argCount++] = tree;
            if (--frame.ArgsMissing > 0)
            {
                frames.Push(frame);
                return true;
            }

            if (!Apply(frame.Head, args.AsSpan(frame.FirstArg..argCount), out tree))

                return false;
            Array.Clear(args, frame.FirstArg, argCount - frame.FirstArg);
            argCount = frame.FirstArg;
        }

        Add(tree);
        return true;
    }

    private bool Apply(Sized head, ReadOnlySpan<Sized> parts, out Sized result)
    {
        result = head;
        var size = head.Size + 1;
        foreach (var part in parts)
            size = Math.Min(size + part.Size, SizeMax);
        if (apply is not null)
        {
            var value = head.Value;
            foreach (var part in parts)
                value = apply(value, part.Value);
            result = new Sized(value, size);
            return true;
        }

        var work = Work(head.Value, parts);
        if (work > workLeft)
            return Fail("the value unfolds to far more than its seed");
        workLeft -= work;

        var values = new Value[parts.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = parts[i].Value;
        if (!NormalForm.TryApply(head.Value, values, out var built, out var message))
            return Fail(message);
        result = new Sized(built, size);
        return true;
    }

    /// <summary>
    /// What building the application costs beyond its own length: the fields of a head that is a
    /// closure, and what a data jet copies or compares.
    /// </summary>
    private static long Work(Value head, ReadOnlySpan<Sized> parts)
    {
        var given = head is App app ? app.CopyParts() : [];
        var function = head is App closure ? closure.Head : head;
        long work = given.Length;
        var rest = 0;
        if (function is SmallNat { Word: Opcode.Law } && given.Length + parts.Length >= 3)
        {
            // A closure of 0 has two arguments at most, so the body is among the new ones.
            var name = given.Length > 0 ? given[0] : parts[0].Value;
            var count = given.Length > 1 ? given[1] : parts[1 - given.Length].Value;
            var body = parts[2 - given.Length];
            if (name is SmallNat { Word: <= 1 } && count is Nat nat)
                work += nat.BitLength / 64 + (body.Value is Row or Nat ? body.Size : 0);
            rest = 3 - given.Length;
        }
        else if (function is not Set)
        {
            return work;
        }

        return parts.Length == rest + 1 && parts[rest].Value is Row row ? work + row.Count : work;
    }

    /// <summary>Counts ones up to the next zero, which is passed.</summary>
    private bool ReadMarks(ref long marks)
    {
        while (true)
        {
            var skip = (int)(bit & 7);
            var width = 64 - skip;
            var ones = BitOperations.TrailingZeroCount(~(Window() >> skip));
            if (ones < width)
            {
                marks += ones;
                bit += ones + 1;
                return bit <= 8L * bytes.Length || Fail("the file ends within a fragment");
            }

            marks += width;
            bit += width;
        }
    }

    private bool ReadReference(int width, out Sized tree)
    {
        tree = default;
        var index = (Window() >> (int)(bit & 7)) & ((1UL << width) - 1);
        if (bit + width > 8L * bytes.Length)
            return Fail("the file ends within a fragment");
        if (index >= (ulong)tableCount)
            return Fail($"a reference to value {index} of {tableCount}");
        bit += width;
        tree = table[(int)index];
        return true;
    }

    /// <summary>The 64 bits from the current byte on; zeros follow the end.</summary>
    private readonly ulong Window()
    {
        var start = (int)Math.Min(bit >> 3, bytes.Length);
        if (bytes.Length - start >= WordBytes)
            return BinaryPrimitives.ReadUInt64LittleEndian(bytes[start..]);
        ulong window = 0;
        for (var i = bytes.Length - 1; i >= start; i--)
            window = (window << 8) | bytes[i];
        return window;
    }

    /// <summary>Nothing but zeros up to a whole word, and nothing after it.</summary>
    private bool CheckEnd()
    {
        var end = (int)((bit + 63) / 64 * WordBytes);
        if (end < bytes.Length)
            return Fail(end, "more bytes after the value");
        var rest = bit % 8 == 0 ? 0 : (ulong)bytes[(int)(bit / 8)] >> (int)(bit % 8);
        var next = (int)((bit + 7) / 8);
        return (rest == 0 && bytes[next..].IndexOfAnyExcept((byte)0) < 0)
            || Fail("bits that are not zero after the value");
    }

    private bool Fail(string message) => Fail(Offset, message);

    private bool Fail(int offset, string message)
    {
        Error = new SeedError(offset, message);
        return false;
    }
}

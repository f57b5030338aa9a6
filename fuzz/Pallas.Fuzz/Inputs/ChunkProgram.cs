namespace Pallas.Fuzz;

/// <summary>The codes of a chunk, as its format has them.</summary>
internal enum ChunkOp : byte
{
    Nat,
    BigNat,
    Bar,
    Pin,
    Law,
    App,
    Row,
    Cow,
    Set,
    Tab,
    Leaf,
    Branch,
    LongRow,
    LongSet,
    LongTab,
    ValueChunk,
    NodeChunk,
}

internal static class ChunkOpNumbers
{
    /// <summary>How many numbers stand behind a code.</summary>
    public static int NumbersCount(this ChunkOp op) => op switch
    {
        ChunkOp.Pin or ChunkOp.Law or ChunkOp.Cow or ChunkOp.LongRow or ChunkOp.LongSet
            or ChunkOp.LongTab or ChunkOp.ValueChunk or > ChunkOp.NodeChunk => 0,
        ChunkOp.NodeChunk => 2,
        _ => 1,
    };
}

/// <summary>The result that a chunk leaves on the stack.</summary>
/// <param name="Height">Of a node; below 0 for a value.</param>
/// <param name="Count">Of the items below a node.</param>
internal readonly record struct Kind(int Height, int Count)
{
    public static readonly Kind Value = new(-1, 0);
}

/// <summary>A chunk that makes sense, most of the time.</summary>
/// <param name="chunks">The results of the chunks before it. This one is added.</param>
internal sealed class ChunkProgram(RandomStream random, List<Kind> chunks)
{
    private const int StepsMax = 24;

    private readonly List<byte> program = [];

    public List<byte> Make()
    {
        var kind = random.OneIn(3) ? Node(random.Below(3)) : Value(random.Skewed(StepsMax));
        chunks.Add(kind);
        return program;
    }

    private Kind Value(int steps)
    {
        var count = random.Skewed(4) + 1;
        switch (steps <= 0 ? random.Below(4) : random.Below(14))
        {
            case 0:
                program.Add((byte)(0x80 | random.Below(128)));
                break;
            case 1:
                Op(ChunkOp.Nat, (int)(random.Next() >> random.Between(33, 63)));
                break;
            case 2:
                Op(random.OneIn(2) ? ChunkOp.Bar : ChunkOp.BigNat, count);
                program.AddRange(random.Bytes(count));
                break;
            case 3:
                Op(ChunkOp.Pin);
                program.Add((byte)random.Below(5));
                break;
            case 4:
                Number(steps);
                Number(steps);
                Value(steps - 1);
                Op(ChunkOp.Law);
                break;
            case 5 or 6:
                Values(1 + count, steps);
                Op(ChunkOp.App, count);
                break;
            case 7:
                Values(count, steps);
                Op(ChunkOp.Row, count);
                break;
            case 8:
                Number(steps);
                Op(ChunkOp.Cow);
                break;
            case 9:
                Keys(count);
                Values(count, steps);
                Op(ChunkOp.Tab, count);
                break;
            case 10 when chunks.Count > 0:
                Op(ChunkOp.ValueChunk);
                program.Add((byte)random.Below(chunks.Count));
                break;
            case 11:
                var node = Node(random.Below(3));
                Op(random.OneIn(2) ? ChunkOp.LongRow : ChunkOp.LongSet);
                // Its keys are those of some set.
                if (random.OneIn(3))
                {
                    Node(node.Height);
                    Op(ChunkOp.LongTab);
                }
                break;
            default:
                Keys(count);
                break;
        }
        return Kind.Value;
    }

    private Kind Node(int height)
    {
        var stored = chunks.FindIndex(chunk => chunk.Height == height);
        if (stored >= 0 && random.OneIn(2))
        {
            var count = random.OneIn(6) ? random.Below(40) : chunks[stored].Count;
            Op(ChunkOp.NodeChunk);
            program.Add((byte)stored);
            program.AddRange(Written(count));
            program.AddRange(Written(height));
            return new Kind(height, count);
        }
        var width = random.OneIn(3) ? random.Between(1, 4) : random.Between(8, 33);
        if (height == 0)
        {
            for (var i = 0; i < width; i++)
                program.Add((byte)(0x80 | i));
            Op(ChunkOp.Leaf, width);
            return new Kind(0, width);
        }
        var kid = Node(height - 1);
        var total = kid.Count;
        for (var i = 1; i < width; i++)
            total += Node(height - 1).Count;
        Op(ChunkOp.Branch, width);
        return new Kind(height, total);
    }

    private void Values(int count, int steps)
    {
        for (var i = 0; i < count; i++)
            Value((steps / count) - 1);
    }

    private void Keys(int count)
    {
        for (var i = 0; i < count; i++)
            program.Add((byte)(0x80 | (i + 1)));
        Op(ChunkOp.Set, count);
    }

    private void Number(int steps)
    {
        if (random.OneIn(8))
            Value(steps - 1);
        else
            program.Add((byte)(0x80 | random.Below(4)));
    }

    private void Op(ChunkOp op) => program.Add((byte)op);

    private void Op(ChunkOp op, int number)
    {
        Op(op);
        program.AddRange(Written(number));
    }

    private static IEnumerable<byte> Written(int number)
    {
        var rest = (uint)number;
        for (; rest >= 0x80; rest >>= 7)
            yield return (byte)(rest | 0x80);
        yield return (byte)rest;
    }
}

using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Formats.Seeds;

/// <summary>
/// Turns values into the nodes of a <see cref="SeedGraph"/>: every data jet as the laws and
/// applications that it stands for, and each pin as a hole or, where it has none, as
/// <c>(4 item)</c>. A value met twice is turned once. Frames are explicit: depth is free.
/// </summary>
internal sealed class SeedEncoder
{
    private const int NoNode = -1;

    private readonly SeedGraph graph;
    private readonly Dictionary<Hash256, int> holes = [];
    private readonly Dictionary<Value, int> known = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<Frame> frames = [];

    /// <summary>Nodes of the heads of short rows, which are everywhere; plus one.</summary>
    private readonly int[] shortRowHeads = new int[32];

    /// <summary>A value under way: its next part and the application of those before.</summary>
    private struct Frame
    {
        public Value Value;
        public int Next;
        public int Node;
    }

    /// <param name="holes">Pins that are left out, by hash.</param>
    public SeedEncoder(SeedGraph graph, ReadOnlySpan<Pin> holes)
    {
        this.graph = graph;
        foreach (var pin in holes)
        {
            var node = graph.AddHole();
            this.holes.TryAdd(pin.Hash, node);
        }
    }

    /// <returns>The node of the value.</returns>
    public int Encode(Value top)
    {
        var node = Begin(top.Resolved);
        while (frames.TryPop(out var frame))
        {
            if (node != NoNode)
            {
                frame.Node = frame.Node == NoNode ? node : graph.AddCell(frame.Node, node);
                node = NoNode;
            }

            if (NextPart(ref frame) is { } part)
            {
                frames.Push(frame);
                node = Begin(part);
            }
            else
            {
                node = frame.Value is Set ? graph.AddCell(SetHead(), frame.Node) : frame.Node;
                known[frame.Value] = node;
            }
        }

        return node;
    }

    /// <summary>The node of a value that has no parts or is known, or a new frame.</summary>
    private int Begin(Value value)
    {
        if (value is SmallNat small)
            return graph.AddNat(small.Word);
        if (known.TryGetValue(value, out var node))
            return node;
        if (value is Pin pin && holes.Count > 0 && holes.TryGetValue(pin.Hash, out node))
            return node;

        node = value switch
        {
            BigNat big => graph.AddNat(big.ToBytes()),
            Bar bar => graph.AddCell(BarHead(), graph.AddNat(BodyOf(bar))),
            Cow cow => RowHead(cow.Size),
            Row { Count: 0 } => RowHead(0),
            _ => NoNode,
        };
        if (node != NoNode)
        {
            known[value] = node;
            return node;
        }

        var start = value switch
        {
            Pin => graph.AddNat(Opcode.Pin),
            Law law => LawHead(graph.AddNat(law.Name), graph.AddNat(law.ArgCount)),
            Row row => RowHead(row.Count),
            Set set => RowHead(set.Count),
            App or Tab => NoNode,
            _ => throw new InvalidOperationException("only a value in normal form is saved"),
        };
        frames.Push(new Frame { Value = value, Node = start });
        return NoNode;
    }

    /// <summary>The next part in the order of application, or null after the last.</summary>
    private static Value? NextPart(ref Frame frame)
    {
        var index = frame.Next++;
        return frame.Value switch
        {
            Pin pin => index == 0 ? pin.Item.Resolved : null,
            Law law => index == 0 ? law.Body.Resolved : null,
            App app => index == 0 ? app.Head : index <= app.Count ? app[index - 1] : null,
            Row row => index < row.Count ? row[row.Count - 1 - index] : null,
            Set set => index < set.Count ? set[set.Count - 1 - index].Resolved : null,
            Tab tab => index == 0 ? tab.Keys : index == 1 ? tab.ToValueRow() : null,
            _ => throw new InvalidOperationException("a value without parts has a frame"),
        };
    }

    private int RowHead(int count)
    {
        if (count >= shortRowHeads.Length)
            return RowHead(Nat.Of((ulong)count));
        if (shortRowHeads[count] == 0)
            shortRowHeads[count] = RowHead(Nat.Of((ulong)count)) + 1;
        return shortRowHeads[count] - 1;
    }

    /// <summary><c>(0 0 n+1 0)</c></summary>
    private int RowHead(Nat size)
    {
        var argCount = size is SmallNat { Word: < ulong.MaxValue } small
            ? Nat.Of(small.Word + 1)
            : Nat.Of(size.Big + 1);
        return graph.AddCell(LawHead(graph.AddNat(0), graph.AddNat(argCount)), graph.AddNat(0));
    }

    /// <summary><c>(0 1 1)</c></summary>
    private int BarHead() => LawHead(graph.AddNat(1), graph.AddNat(1));

    /// <summary><c>(0 1 2)</c></summary>
    private int SetHead() => LawHead(graph.AddNat(1), graph.AddNat(2));

    private int LawHead(int name, int argCount) =>
        graph.AddCell(graph.AddCell(graph.AddNat(Opcode.Law), name), argCount);

    private static byte[] BodyOf(Bar bar)
    {
        var body = new byte[bar.Count + 1];
        bar.Bytes.CopyTo(body);
        body[^1] = 1;
        return body;
    }
}

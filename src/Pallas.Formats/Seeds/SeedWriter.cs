using System.Buffers.Binary;
using System.Numerics;
using Pallas.Values;

namespace Pallas.Formats.Seeds;

/// <summary>
/// Writes values as seeds, bit for bit as the reference does. The layout, in little-endian words:
/// <code>
/// holes bigs words bytes fragments      five counts
/// word count of each big nat
/// big nats; nats of 256 and above, 8 bytes each; nats below 256, 1 byte each
/// fragments, in bits; zeros to a whole word
/// </code>
/// Holes, nats and the fragments so far make a table. A fragment is <c>tree tree</c>; a tree is
/// <c>1 tree tree</c>, an application, or <c>0 index</c>, an entry of the table in as many bits as
/// its last index takes. The value is the last entry. A cell with more than one user becomes a
/// fragment, as does the top; fragments stand in post-order, heads first.
/// </summary>
public static class SeedWriter
{
    /// <param name="value">In normal form.</param>
    public static byte[] Write(Value value) => Write(value, holes: []);

    /// <param name="holes">Pins that are written as holes, in this order.</param>
    /// <param name="isPlain">
    /// Whether nats simply descend, as the library's law has it, which readers take as well.
    /// </param>
    public static byte[] Write(Value value, ReadOnlySpan<Pin> holes, bool isPlain = false)
    {
        var graph = new SeedGraph();
        var top = new SeedEncoder(graph, holes).Encode(value);
        return new Layout(graph, top, isPlain).Write();
    }

    internal static byte[] Write(SeedGraph graph, int top) =>
        new Layout(graph, top, isPlain: false).Write();

    private sealed class Layout(SeedGraph graph, int top, bool isPlain)
    {
        private readonly SeedBits bits = new();
        private readonly Stack<int> todo = [];

        /// <summary>Where a node stands in the table, or -1 for a cell that does not.</summary>
        private readonly int[] tableIndex = new int[graph.NodeCount];

        public byte[] Write()
        {
            var nats = SortNats();
            var fragments = FindFragments(nats);
            WriteNats(nats, fragments.Count);

            var tableCount = graph.HoleCount + nats.Length;
            foreach (var cell in fragments)
            {
                var width = 32 - BitOperations.LeadingZeroCount((uint)tableCount - 1);
                WriteFragment(cell, width);
                tableCount++;
            }

            return bits.Finish();
        }

        /// <summary>
        /// The order is one of the format's oddities: more words first, then the greater top
        /// word, but among those the smaller of the rest.
        /// </summary>
        private int[] SortNats()
        {
            var bigs = new List<int>();
            var smalls = new int[graph.Nats.Count];
            var words = new ulong[smalls.Length];
            var smallCount = 0;
            for (var i = 0; i < smalls.Length; i++)
            {
                var leaf = graph.Nats[i];
                if (leaf.Big is not null)
                {
                    bigs.Add(i);
                    continue;
                }

                words[smallCount] = ~leaf.Word;
                smalls[smallCount++] = i;
            }

            bigs.Sort((x, y) => CompareBigs(graph.Nats[x], graph.Nats[y]));
            Array.Sort(words, smalls, 0, smallCount);
            return [.. bigs, .. smalls.AsSpan(0, smallCount)];
        }

        private int CompareBigs(SeedGraph.Leaf left, SeedGraph.Leaf right)
        {
            var order = right.WordCount.CompareTo(left.WordCount);
            if (order == 0)
                order = right.Word.CompareTo(left.Word);
            if (order != 0)
                return order;
            var oddly = CompareWords(left.Big, right.Big);
            return isPlain ? -oddly : oddly;
        }

        private static int CompareWords(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
        {
            for (var at = left.Length - 8; at >= 0; at -= 8)
            {
                var x = BinaryPrimitives.ReadUInt64LittleEndian(left[at..]);
                var y = BinaryPrimitives.ReadUInt64LittleEndian(right[at..]);
                if (x != y)
                    return x.CompareTo(y);
            }

            return 0;
        }

        /// <summary>Gives leaves and fragments their places in the table.</summary>
        private List<int> FindFragments(int[] nats)
        {
            var rankOfNat = new int[nats.Length];
            for (var i = 0; i < nats.Length; i++)
                rankOfNat[nats[i]] = i;
            for (var node = 0; node < tableIndex.Length; node++)
                tableIndex[node] = graph.IsCell(node) ? -1 : graph.TableIndex(node, rankOfNat);

            var fragments = new List<int>();
            var leafCount = graph.HoleCount + nats.Length;
            todo.Push(top);
            while (todo.TryPop(out var node))
            {
                // A cell comes back, complemented, when its parts are done.
                if (node < 0)
                {
                    var cell = ~node;
                    if (!graph.IsShared(cell) && cell != top)
                        continue;
                    tableIndex[cell] = leafCount + fragments.Count;
                    fragments.Add(cell);
                }
                else if (tableIndex[node] < 0)
                {
                    todo.Push(~node);
                    todo.Push(graph.Tail(node));
                    todo.Push(graph.Head(node));
                }
            }

            return fragments;
        }

        private void WriteNats(int[] nats, int fragmentCount)
        {
            var bigs = 0;
            var words = 0;
            foreach (var leaf in graph.Nats)
            {
                if (leaf.Big is not null)
                    bigs++;
                else if (leaf.Word > byte.MaxValue)
                    words++;
            }

            bits.WriteWord((ulong)graph.HoleCount);
            bits.WriteWord((ulong)bigs);
            bits.WriteWord((ulong)words);
            bits.WriteWord((ulong)(nats.Length - bigs - words));
            bits.WriteWord((ulong)fragmentCount);
            for (var i = 0; i < bigs; i++)
                bits.WriteWord((ulong)graph.Nats[nats[i]].WordCount);
            foreach (var nat in nats)
            {
                var leaf = graph.Nats[nat];
                if (leaf.Big is not null)
                    bits.WriteBytes(leaf.Big);
                else if (leaf.Word > byte.MaxValue)
                    bits.WriteWord(leaf.Word);
                else
                    bits.WriteByte((byte)leaf.Word);
            }
        }

        /// <summary>The mark of the outermost application is left out.</summary>
        private void WriteFragment(int cell, int width)
        {
            todo.Push(graph.Tail(cell));
            todo.Push(graph.Head(cell));
            while (todo.TryPop(out var node))
            {
                var index = tableIndex[node];
                if (index >= 0)
                {
                    bits.WriteBits(0, 1);
                    bits.WriteBits((uint)index, width);
                }
                else
                {
                    bits.WriteBits(1, 1);
                    todo.Push(graph.Tail(node));
                    todo.Push(graph.Head(node));
                }
            }
        }
    }
}

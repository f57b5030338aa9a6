using CsCheck;
using Pallas.Formats.Pins;
using Pallas.Formats.Seeds;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Serial;

public sealed class SeedErrorTests
{
    /// <summary>A seed from its five counts and what follows them, padded.</summary>
    private static byte[] Seed(
        ulong holes, ulong bigs, ulong words, ulong bytes, ulong fragments, string hex)
    {
        var rest = Convert.FromHexString(hex);
        var seed = new byte[40 + (rest.Length + 7) / 8 * 8];
        ulong[] counts = [holes, bigs, words, bytes, fragments];
        for (var i = 0; i < 5; i++)
            BitConverter.TryWriteBytes(seed.AsSpan(8 * i), counts[i]);
        rest.CopyTo(seed, 40);
        return seed;
    }

    private static void Refused(byte[] seed, string message)
    {
        Assert.False(SeedReader.TryRead(seed, out _, out var error));
        Assert.Contains(message, error.Message);
        Assert.InRange(error.Offset, 0, seed.Length);
    }

    [Fact]
    public void Malformed_seeds_are_refused_with_a_reason()
    {
        Refused([], "ends within its header");
        Refused(new byte[41], "multiple of 8");
        Refused(Seed(0, 0, 0, 0, 0, ""), "no value");
        Refused(Seed(1, 0, 0, 0, 0, ""), "holes");
        Refused(Seed(0, 0, 0, 2, 0, "0102"), "nothing refers to");
        Refused(Seed(0, ulong.MaxValue, 0, 0, 0, "00"), "more big numbers");
        Refused(Seed(0, 1, 0, 0, 0, "0100000000000000" + "0100000000000000"), "fewer than two");
        Refused(Seed(0, 1, 0, 0, 0, "0300000000000000" + "0100000000000000"), "cut off");
        Refused(
            Seed(0, 1, 0, 0, 0, "0200000000000000" + "0100000000000000" + "0000000000000000"),
            "top word is zero");
        Refused(Seed(0, 0, 1UL << 61, 0, 0, "00"), "more words");
        Refused(Seed(0, 0, 0, ulong.MaxValue, 0, "00"), "more bytes");
        Refused(Seed(0, 0, 0, 1, 1UL << 40, "00"), "more fragments");
        Refused(Seed(0, 0, 0, 1, 0, "05" + "0000000000000000"), "more bytes after");
        Refused(Seed(0, 0, 0, 1, 0, "0500010000"), "not zero");
    }

    [Fact]
    public void Malformed_fragments_are_refused_with_a_reason()
    {
        // One leaf: a tree is marks and a zero, references take no bits.
        Refused(Seed(0, 0, 0, 1, 1, "00" + "04"), "not zero");
        Refused(Seed(0, 0, 0, 1, 1, "00" + "FFFFFFFFFFFFFF"), "ends within a fragment");
        Refused(Seed(0, 0, 0, 1, 1, "00" + "FFFFFFFFFFFF3F"), "lacks its arguments");
        Refused(Seed(0, 0, 0, 1, 1, "05" + "00"), "not in normal form");

        // Two or three leaves: the reference is in bits 1 and 2.
        Refused(Seed(0, 0, 0, 3, 1, "020100" + "06"), "a reference to value 3 of 3");
    }

    [Theory]
    [InlineData("a law of no arguments", "000000", "without arguments")]
    [InlineData("a crash", "050000", "not in normal form")]
    public void Redexes_are_refused(string _, string expression, string message)
    {
        var nats = Convert.FromHexString(expression).Select(b => (int)b).ToArray();
        Refused(Program(nats), message);
    }

    [Fact]
    public void Laws_whose_name_or_arity_is_no_number_are_refused()
    {
        var graph = new SeedGraph();
        var zero = graph.AddNat(0);
        var closure = graph.AddCell(zero, zero);
        var name = graph.AddCell(graph.AddCell(graph.AddCell(zero, closure), zero), zero);
        Refused(SeedWriter.Write(graph, name), "name of a law");
        var arity = graph.AddCell(graph.AddCell(closure, closure), zero);
        Refused(SeedWriter.Write(graph, arity), "argument count of a law");
    }

    /// <summary>The seed of <c>(a b c 9)</c>, which the writer would not write.</summary>
    private static byte[] Program(int[] nats)
    {
        var graph = new SeedGraph();
        var node = graph.AddNat((ulong)nats[0]);
        foreach (var nat in nats.Skip(1).Append(9))
            node = graph.AddCell(node, graph.AddNat((ulong)nat));
        return SeedWriter.Write(graph, node);
    }

    [Fact]
    public void Every_cut_of_a_seed_is_refused() =>
        TestValues.Shared.Sample(value =>
        {
            var seed = SeedWriter.Write(value);
            for (var bytes = 0; bytes < seed.Length; bytes++)
                Assert.False(SeedReader.TryRead(seed.AsSpan(0, bytes), out _, out _));
        }, iter: 200);

    [Fact]
    public void Changed_seeds_are_read_or_refused_but_never_throw()
    {
        var changes = Gen.Select(Gen.Int[0, 100_000], Gen.Byte).Array[1, 8];
        var refused = 0;
        Gen.Select(TestValues.Shared, changes).Sample((value, edits) =>
        {
            var seed = SeedWriter.Write(value);
            foreach (var (place, change) in edits)
            {
                // Half of the changes hit the five counts, of which the low bytes matter.
                var at = place % 2 == 0 ? place / 2 % 5 * 8 : place / 2 % seed.Length;
                seed[at] = place % 3 == 0 ? (byte)(seed[at] + 1) : change;
            }

            if (SeedReader.TryRead(seed, out var back, out var error))
                SeedWriter.Write(back);
            else if (error.Offset >= 0 && error.Offset <= seed.Length)
                Interlocked.Increment(ref refused);
        }, iter: 30_000);
        Assert.InRange(refused, 1000, 30_000);
    }

    [Fact]
    public void Changed_fragments_are_read_or_refused_but_never_throw() =>
        Gen.Select(TestValues.Shared, Gen.Int[0, 1_000_000].Array[1, 6]).Sample((value, places) =>
        {
            var seed = SeedWriter.Write(value);
            foreach (var place in places)
            {
                var at = 40 + place / 8 % (seed.Length - 40);
                seed[at] ^= (byte)(1 << (place % 8));
            }

            SeedReader.TryRead(seed, out _, out _);
            SeedReader.TryReadExpression(seed, (head, tail) => Row.Of(head, tail), out _, out _);
            Pod.TryRead([.. "SEEDPOD:"u8, .. seed], out _, out _);
            PinBlob.TryRead(seed, _ => null, out _, out _);
        }, iter: 30_000);

    [Fact]
    public void Changed_pods_are_read_or_refused_but_never_throw() =>
        Gen.Select(TestValues.Shared, Gen.Int[0, 10_000_000].Array[1, 4]).Sample((value, places) =>
        {
            var pod = Pod.Write(Pin.Make(value));
            foreach (var place in places)
                pod[8 + place / 8 % (pod.Length - 8)] ^= (byte)(1 << (place % 8));
            Pod.TryRead(pod, out _, out _);
        }, iter: 5_000);

    [Fact]
    public void Closures_of_closures_that_grow_without_bound_are_refused()
    {
        // f1 = (law 0), f2 = (f1 0), ..: each is a flat copy of the one before.
        var law = Law.Make(Nat.One, Nat.Of(1_000_000), Nat.Zero);
        var graph = new SeedGraph();
        var node = new SeedEncoder(graph, []).Encode(law);
        var keep = graph.AddNat(0);
        for (var i = 0; i < 20_000; i++)
        {
            node = graph.AddCell(node, graph.AddNat(7));
            keep = graph.AddCell(graph.AddCell(graph.AddNat(0), node), keep);
        }

        Refused(SeedWriter.Write(graph, keep), "unfolds");
    }

    [Fact]
    public void Keys_shared_beyond_counting_are_refused_where_they_must_be_compared()
    {
        // The two keys are equal but for their innermost parts and come from different cells.
        var graph = new SeedGraph();
        var left = graph.AddNat(1);
        var right = graph.AddNat(2);
        var zero = graph.AddNat(0);
        var four = graph.AddNat(4);
        for (var i = 0; i < 80; i++)
        {
            left = graph.AddCell(graph.AddCell(zero, left), left);
            right = graph.AddCell(graph.AddCell(zero, right), right);
        }

        var row = new SeedEncoder(graph, []).Encode(Cow(2));
        row = graph.AddCell(graph.AddCell(row, graph.AddCell(four, right)),
            graph.AddCell(four, left));
        var set = graph.AddCell(graph.AddCell(zero, graph.AddNat(1)), graph.AddNat(2));
        Refused(SeedWriter.Write(graph, graph.AddCell(set, row)), "unfolds");
    }

    private static Value Cow(int size) => Law.Make(Nat.Zero, Nat.Of((ulong)size + 1), Nat.Zero);
}

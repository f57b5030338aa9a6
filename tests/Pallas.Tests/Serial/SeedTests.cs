using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Pallas.Formats.Pins;
using Pallas.Formats.Seeds;
using Pallas.Tests.Plan;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Serial;

public sealed class SeedTests
{
    private static Value Read(byte[] seed)
    {
        Assert.True(SeedReader.TryRead(seed, out var value, out var error), $"{error}");
        return value;
    }

    /// <summary>The values of seeds.tsv, in its order.</summary>
    private static Value[] GoldenValues =>
    [
        0,
        5,
        ulong.MaxValue,
        Nat.Of(BigInteger.Pow(7, 1000)),
        Nat.OfText("hello world"),
        Row.Of(1, 2, 3, "four", Row.Of(5, 6, Row.Of(7))),
        Tab.Of(Set.Of(1, 3, "k"), 2, 4, "v"),
        Set.Of(1, 2, 3, 9, 100),
        Row.Of(1, Row.Of(2, Row.Of(3, 0))),
        Pin.Make(Row.Of(1, 2, Pin.Make("inner"))),
        Row.Of(Row.Empty, Cow(1), Cow(5), Row.Empty),
    ];

    private static Value Cow(int size) => Law.Make(Nat.Zero, Nat.Of((ulong)size + 1), Nat.Zero);

    public static TheoryData<int, string, string, string> GoldenRows()
    {
        var rows = new TheoryData<int, string, string, string>();
        var index = 0;
        foreach (var row in Golden.Rows("seeds.tsv"))
            rows.Add(index++, row[0], row[1], row[2]);
        return rows;
    }

    [Theory]
    [MemberData(nameof(GoldenRows))]
    public void Values_are_saved_as_the_reference_saves_them(
        int index, string note, string bytes, string sha256)
    {
        var seed = SeedWriter.Write(GoldenValues[index]);
        Assert.True(bytes == seed.Length.ToString(), $"{note}: {seed.Length} bytes");
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(seed)));
        Assert.Equal(seed, SeedWriter.Write(Read(seed)));
    }

    [Fact]
    public void References_are_written_low_bit_first()
    {
        var graph = new SeedGraph();
        var pair = graph.AddCell(graph.AddNat(0), graph.AddNat(1));
        var seed = SeedWriter.Write(graph, graph.AddCell(pair, pair));
        Assert.Equal("0100420200000000", Convert.ToHexString(seed.AsSpan(40)));
        Assert.True(SeedReader.TryReadExpression(
            seed, (head, tail) => Row.Of(head, tail), out var value, out _));
        Assert.Equal(PlanText.Print(Row.Of(Row.Of(0, 1), Row.Of(0, 1))), PlanText.Print(value));
    }

    [Fact]
    public void Equal_top_words_put_the_smaller_rest_first()
    {
        var low = Nat.Of((BigInteger.One << 64) + 1);
        var high = Nat.Of((BigInteger.One << 64) + 2);
        var seed = SeedWriter.Write(Row.Of(high, low));
        Assert.Equal(1UL, BitConverter.ToUInt64(seed, 40 + 16));
        Assert.Equal(2UL, BitConverter.ToUInt64(seed, 40 + 32));
    }

    [Fact]
    public void Any_value_comes_back_from_its_seed() =>
        TestValues.Shared.Sample(value =>
        {
            var seed = SeedWriter.Write(value);
            var back = Read(seed);
            return back.GetType() == value.GetType()
                && SeedWriter.Write(back).AsSpan().SequenceEqual(seed);
        }, iter: 3000);

    [Fact]
    public void A_value_that_comes_back_is_equal() =>
        TestValues.Shared.Sample(value =>
        {
            var text = PlanText.Print(value, 50_000);
            return PlanText.Print(Read(SeedWriter.Write(value)), 50_000) == text;
        }, iter: 1000);

    [Fact]
    public void A_list_of_a_million_cells_is_saved_and_read()
    {
        var seed = SeedWriter.Write(TestValues.Deep(1_000_000));
        Assert.Equal(seed, SeedWriter.Write(Read(seed)));
    }

    [Fact]
    public void A_value_shared_beyond_counting_is_saved_and_read()
    {
        Value value = Bar.OfText("seed");
        for (var i = 0; i < 500; i++)
            value = Row.Of(value, value);
        var seed = SeedWriter.Write(value);
        Assert.InRange(seed.Length, 1, 2000);
        Assert.Equal(seed, SeedWriter.Write(Read(seed)));
    }

    [Fact]
    public void Expressions_of_the_golden_cases_are_read_as_written()
    {
        var checkedCount = 0;
        foreach (var row in Golden.Rows("plan/cases.tsv"))
        {
            if (row[2].Length == 0 || row[3].Length == 0)
                continue;
            var expected = PlanReader.Read(row[2], (head, args) =>
                args.Aggregate(head, (function, arg) => Row.Of(function, arg)));
            Assert.True(
                SeedReader.TryReadExpression(
                    Convert.FromHexString(row[3]), (head, tail) => Row.Of(head, tail),
                    out var value, out var error),
                $"{row[0]}: {error}");
            Assert.True(PlanText.Print(expected) == PlanText.Print(value), row[0]);
            checkedCount++;
        }

        Assert.InRange(checkedCount, 100, 200);
    }

    [Fact]
    public void The_blob_of_pinned_bytes_is_the_seed_of_them_after_no_references()
    {
        foreach (var count in Enumerable.Range(0, 40).Append(1024).Append(4095))
        {
            var bytes = new byte[count];
            new Random(count).NextBytes(bytes);
            var bar = Bar.Of(bytes);
            byte[] expected = [.. new byte[8], .. SeedWriter.Write(bar)];
            Assert.Equal(expected, PinBlob.Write(Pin.Make(bar)));
        }
    }

    [Fact]
    public void Germs_and_blobs_and_pods_come_back() =>
        TestValues.Shared.Sample(value =>
        {
            var pin = Pin.Make(value);
            var blob = PinBlob.Write(pin);
            var refs = pin.Refs.ToDictionary(inner => inner.Hash);
            Assert.True(PinBlob.TryRead(
                blob, hash => refs.GetValueOrDefault(hash), out var item,
                out var error), $"{error}");
            Assert.Equal(pin.Hash, PinHash.Of(item));
            Assert.Equal(blob, PinBlob.Write(Pin.Make(item)));

            var pod = Pod.Write(pin);
            Assert.StartsWith("SEEDPOD:", Encoding.ASCII.GetString(pod));
            Assert.True(Pod.TryRead(pod, out var top, out error), $"{error}");
            Assert.Equal(pin.Hash, top.Hash);
            Assert.Equal(pod, Pod.Write(top));
        }, iter: 500);

    [Fact]
    public void A_pod_whose_hash_is_another_is_refused()
    {
        var pod = Pod.Write(Pin.Make(5));
        var place = pod.AsSpan().IndexOf(Pin.Make(5).Hash.ToBytes());
        pod[place] ^= 1;
        Assert.False(Pod.TryRead(pod, out _, out var error));
        Assert.Contains("hash", error.Message);
    }
}

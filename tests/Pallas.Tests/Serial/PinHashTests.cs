using Pallas.Tests.Plan;
using Pallas.Values;
using Pallas.Values.Hashing;
using Xunit;

namespace Pallas.Tests.Serial;

public sealed class PinHashTests
{
    public static TheoryData<string, string, string> Rows()
    {
        var rows = new TheoryData<string, string, string>();
        foreach (var row in Golden.Rows("pinhash.tsv"))
            rows.Add(row[0], row[1], row[2]);
        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Items_have_the_hashes_of_the_reference(string note, string item, string hash)
    {
        var value = PlanReader.ReadValue(item);
        Assert.True(hash == PinHash.Of(value).ToString(), note);
        Assert.Equal(hash, Pin.Make(value).Hash.ToString());
    }

    [Fact]
    public void A_list_of_a_million_cells_has_a_hash()
    {
        var hash = PinHash.Of(TestValues.Deep(1_000_000));
        Assert.NotEqual(PinHash.Of(TestValues.Deep(999_999)), hash);
    }

    [Fact]
    public void A_value_deep_on_its_left_has_a_hash()
    {
        Value value = 0;
        for (var i = 0; i < 300_000; i++)
            value = Row.Of(value, 1);
        Assert.NotEqual(PinHash.Of(value), PinHash.Of(Row.Of(value, 1)));
    }

    [Fact]
    public void Pins_nested_three_hundred_thousand_deep_have_a_hash()
    {
        Value value = 0;
        for (var i = 0; i < 300_000; i++)
            value = Pin.Make(value);
        Assert.Equal(PinHash.Of(value), PinHash.Of(value));
        Assert.True(((Pin)value).HasHash);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1015)]
    [InlineData(1016)]
    [InlineData(8183)]
    [InlineData(8184)]
    [InlineData(100_000)]
    public void Bytes_of_any_length_are_hashed_as_their_encoding_is(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        byte[] encoding = [4, .. BitConverter.GetBytes((ulong)count), .. bytes];
        Assert.Equal(Blake3.Hash(encoding), PinHash.Of(Bar.Of(bytes)));
    }

    [Fact]
    public void References_come_once_each_in_order_of_occurrence()
    {
        var one = Pin.Make(1);
        var two = Pin.Make(2);
        var three = Pin.Make(3);
        var four = Pin.Make(4);
        var tab = Tab.Of(Set.Of(one, two), three, Row.Of(two, four));
        var item = Row.Of(Law.Make(Nat.Of(5), Nat.One, Row.Of(four, Pin.Make(Row.Of(one)))), tab);
        var refs = PinRefs.Of(item);
        Value[] expected =
            [four, Pin.Make(Row.Of(one)), .. Set.Of(one, two).ToRow().ToArray(), three];
        Assert.Equal(expected.Select(pin => ((Pin)pin).Hash), refs.Select(pin => pin.Hash));
    }

    [Fact]
    public void References_of_a_value_shared_beyond_counting_are_found()
    {
        Value value = Pin.Make(7);
        for (var i = 0; i < 100; i++)
            value = Row.Of(value, value);
        Assert.Single(PinRefs.Of(value));
    }
}

using CsCheck;
using Pallas.Values.Hashing;
using Xunit;

namespace Pallas.Tests.Serial;

public sealed class Hash256Tests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("00", "1")]
    [InlineData("0000287fb4cd", "11233QC4")]
    [InlineData("48656c6c6f20576f726c6421", "2NEpo7TZRRrLZSi2U")]
    public void Base58_is_as_published(string hex, string text)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Equal(text, Base58.Encode(bytes));
        var back = new byte[bytes.Length];
        Assert.True(Base58.TryDecode(text, back));
        Assert.Equal(bytes, back);
    }

    [Fact]
    public void Any_hash_reads_back_from_its_text() =>
        Gen.Byte.Array[32].Sample(bytes =>
        {
            var hash = Hash256.FromBytes(bytes);
            return Hash256.Parse(hash.ToString()) == hash && hash.ToBytes().SequenceEqual(bytes);
        });

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("1111111111111111111111111111111")]
    [InlineData("111111111111111111111111111111111")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    public void Text_of_another_length_or_alphabet_is_no_hash(string text) =>
        Assert.False(Hash256.TryParse(text, out _));

    [Fact]
    public void Hashes_are_ordered_as_their_bytes() =>
        Gen.Select(Gen.Byte[0, 2].Array[32], Gen.Byte[0, 2].Array[32]).Sample((left, right) =>
            Math.Sign(Hash256.FromBytes(left).CompareTo(Hash256.FromBytes(right)))
            == Math.Sign(left.AsSpan().SequenceCompareTo(right)));
}

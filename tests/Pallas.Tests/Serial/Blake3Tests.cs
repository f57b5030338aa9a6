using CsCheck;
using Org.BouncyCastle.Crypto.Digests;
using Pallas.Values.Hashing;
using Xunit;

namespace Pallas.Tests.Serial;

public sealed class Blake3Tests
{
    /// <summary>The official test input: bytes 0, 1, .. 250, 0, 1, ..</summary>
    private static byte[] Input(int bytes)
    {
        var input = new byte[bytes];
        for (var i = 0; i < bytes; i++)
            input[i] = (byte)(i % 251);
        return input;
    }

    private static Hash256 Oracle(ReadOnlySpan<byte> input)
    {
        var digest = new Blake3Digest();
        digest.BlockUpdate(input);
        var output = new byte[32];
        digest.DoFinal(output, 0);
        return Hash256.FromBytes(output);
    }

    private static IEnumerable<Blake3Path> Paths =>
        Enum.GetValues<Blake3Path>().Where(path => path <= Blake3Kernel.Fastest);

    [Theory]
    [InlineData("", "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262")]
    [InlineData("abc", "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85")]
    public void Known_texts_have_their_published_hashes(string text, string hex)
    {
        var input = System.Text.Encoding.ASCII.GetBytes(text);
        Assert.Equal(hex, Convert.ToHexStringLower(Blake3.Hash(input).ToBytes()));
    }

    [Fact]
    public void Every_path_agrees_with_the_oracle_on_every_length_to_5000()
    {
        var input = Input(5000);
        for (var bytes = 0; bytes <= input.Length; bytes++)
        {
            var part = input.AsSpan(0, bytes);
            var expected = Oracle(part);
            foreach (var path in Paths)
                Assert.True(expected == Blake3.Hash(part, path), $"{path} at {bytes} bytes");
        }
    }

    [Theory]
    [InlineData(8191)]
    [InlineData(8192)]
    [InlineData(8193)]
    [InlineData(9 * 1024)]
    [InlineData(16 * 1024)]
    [InlineData(16 * 1024 + 1)]
    [InlineData(31 * 1024)]
    [InlineData(100_000)]
    [InlineData(128 * 1024)]
    [InlineData(128 * 1024 + 1)]
    [InlineData(1_048_576)]
    [InlineData(1_048_577)]
    [InlineData(2_500_003)]
    public void Every_path_agrees_with_the_oracle_on_long_input(int bytes)
    {
        var input = Input(bytes);
        var expected = Oracle(input);
        foreach (var path in Paths)
            Assert.True(expected == Blake3.Hash(input, path), $"{path} at {bytes} bytes");
    }

    [Fact]
    public void Input_in_pieces_hashes_as_in_one()
    {
        var input = Input(600_000);
        Gen.Select(Gen.Int[0, input.Length], Gen.Int[1, 20_000].Array[1, 60])
            .Sample((bytes, pieces) =>
            {
                var hasher = new Blake3Hasher();
                var rest = input.AsSpan(0, bytes);
                for (var i = 0; !rest.IsEmpty; i++)
                {
                    var piece = Math.Min(rest.Length, pieces[i % pieces.Length]);
                    if (piece == 1)
                        hasher.Update(rest[0]);
                    else
                        hasher.Update(rest[..piece]);
                    rest = rest[piece..];
                }

                var expected = Blake3.Hash(input.AsSpan(0, bytes), Blake3Path.Scalar);
                return hasher.Finish() == expected && hasher.Finish() == expected;
            }, iter: 200);
    }

    [Fact]
    public void A_reset_hasher_is_as_new()
    {
        var hasher = new Blake3Hasher();
        hasher.Update(Input(100_000));
        hasher.Reset();
        hasher.Update(Input(20_000));
        Assert.Equal(Blake3.Hash(Input(20_000)), hasher.Finish());
    }
}

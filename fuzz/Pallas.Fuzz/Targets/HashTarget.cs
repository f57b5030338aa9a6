using Pallas.Values.Hashing;

namespace Pallas.Fuzz;

/// <summary>Base 58: what is read is written the same.</summary>
public sealed class HashTarget() : TextTarget("hash")
{
    public override object? Read(byte[] input)
    {
        var text = TextInput.Decode(input);
        Span<byte> bytes = stackalloc byte[64];
        Base58.TryDecode(text, bytes);
        Base58.TryDecode(text, bytes[..7]);
        Base58.TryDecode(text, []);
        return Hash256.TryParse(text, out var hash) ? hash : null;
    }

    public override void Check(object value, byte[] input)
    {
        if (((Hash256)value).ToString() != TextInput.Decode(input))
            throw new PropertyFailure("a hash is written as it was not read");
    }

    protected override string MakeText(RandomStream random)
    {
        var bytes = random.Bytes(random.OneIn(4) ? random.Skewed(80) : 32);
        for (var zeros = random.Skewed(33); zeros > 0 && zeros <= bytes.Length; zeros--)
            bytes[zeros - 1] = 0;
        return Base58.Encode(bytes);
    }
}

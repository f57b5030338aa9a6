using NSec.Cryptography;
using Pallas.Values;

namespace Pallas.Devices.Port;

/// <summary>The key pair of an identity: a seed of 32 bytes, and its address, a public key.
/// </summary>
/// <remarks>
/// The scheme is Ed25519. To programs, both are naturals, with the lowest byte first.
/// </remarks>
internal sealed class PortKeys : IDisposable
{
    public const int BytesCount = 32;
    public const int SignatureBytesCount = 64;

    private static readonly SignatureAlgorithm Algorithm = SignatureAlgorithm.Ed25519;

    private readonly Key key;

    /// <param name="seed">32 bytes.</param>
    public PortKeys(byte[] seed)
    {
        key = Key.Import(Algorithm, seed, KeyBlobFormat.RawPrivateKey);
        Address = key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }

    public byte[] Address { get; }

    public byte[] Sign(ReadOnlySpan<byte> data) => Algorithm.Sign(key, data);

    public static bool Verify(
        ReadOnlySpan<byte> address, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        PublicKey.TryImport(Algorithm, address, KeyBlobFormat.RawPublicKey, out var key)
        && Algorithm.Verify(key!, data, signature);

    /// <summary>The 32 bytes of a natural, or null if it has more.</summary>
    public static byte[]? BytesOf(Value value)
    {
        if (value is not Nat nat || nat.BitLength > 8 * BytesCount)
            return null;
        var bytes = new byte[BytesCount];
        nat.ToBytes().CopyTo(bytes, 0);
        return bytes;
    }

    public void Dispose() => key.Dispose();
}

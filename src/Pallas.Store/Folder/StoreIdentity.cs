using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Pallas.Plan;

namespace Pallas.Store.Folder;

/// <summary>Which machine a store is, and which of its lives.</summary>
/// <remarks>
/// Two copies of one machine that both run would each go on from the same past, with the same
/// keys, towards the same world. So a store knows the folder that it lives in, and one that finds
/// itself elsewhere does not begin to write before somebody has said which life this is. The
/// folder is known by the number that the system gave to its lock file, which a copy does not
/// share and a move on the same file system keeps; a copy of a whole file system is not noticed.
/// <para>
/// Kept as the BLAKE3 hash of what follows it, 16 bytes of id, the life and the home, 8 bytes
/// each.
/// </para>
/// </remarks>
/// <param name="Id">Drawn when a machine is made.</param>
/// <param name="Life">Counted from 1; a restored backup and an adopted copy begin the next.
/// </param>
/// <param name="Home">The number of the lock file; 0 until the store is in a folder.</param>
public readonly record struct StoreIdentity(UInt128 Id, ulong Life, ulong Home)
{
    private const int BodyBytes = 16 + (2 * sizeof(ulong));

    private static readonly byte[] Key = "identity"u8.ToArray();

    /// <summary>The first life of another machine.</summary>
    public static StoreIdentity New(ulong home) => new(
        BinaryPrimitives.ReadUInt128LittleEndian(RandomNumberGenerator.GetBytes(16)), 1, home);

    /// <summary>The same machine's next life.</summary>
    public StoreIdentity Next(ulong home) => this with { Life = Life + 1, Home = home };

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Id:x32}, life {Life}");

    /// <summary>Null in a store that has none yet.</summary>
    /// <exception cref="StoreError">It is damaged.</exception>
    public static StoreIdentity? Read(IStoreReader store)
    {
        if (store.Get(StoreSpace.Meta, Key) is not { } bytes)
            return null;
        var good = bytes.Length == Hash256.BytesCount + BodyBytes
            && Hash256.FromBytes(bytes) == Blake3.Hash(bytes.AsSpan(Hash256.BytesCount));
        if (!good)
            throw StoreError.Damaged("the identity does not match its checksum");
        var body = bytes.AsSpan(Hash256.BytesCount);
        return new StoreIdentity(
            BinaryPrimitives.ReadUInt128LittleEndian(body),
            BinaryPrimitives.ReadUInt64LittleEndian(body[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(body[24..]));
    }

    internal void Stage(StoreBatch batch)
    {
        var bytes = new byte[Hash256.BytesCount + BodyBytes];
        var body = bytes.AsSpan(Hash256.BytesCount);
        BinaryPrimitives.WriteUInt128LittleEndian(body, Id);
        BinaryPrimitives.WriteUInt64LittleEndian(body[16..], Life);
        BinaryPrimitives.WriteUInt64LittleEndian(body[24..], Home);
        Blake3.Hash(body).WriteTo(bytes);
        batch.Put(StoreSpace.Meta, Key, bytes);
    }

    internal void Save(IStore store)
    {
        var batch = new StoreBatch();
        Stage(batch);
        store.Commit(batch, durable: true);
    }
}

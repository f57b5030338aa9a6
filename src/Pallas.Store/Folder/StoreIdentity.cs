using System.Buffers.Binary;
using System.Globalization;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Store.Folder;

/// <summary>Which machine a store belongs to, and which of its lives.</summary>
/// <remarks>
/// If two copies of one machine ran, each would continue the same past, with the same keys, towards
/// the same world. A store therefore knows its folder. In another folder it refuses to write until
/// the operator says which life this is. The folder is known by the number that the system gave to
/// its lock file: a copy has another one, and a move on the same file system keeps it. A copy of a
/// whole file system goes unnoticed.
/// <para>
/// The stored form is the BLAKE3 hash of the bytes that follow it, 16 bytes of id, the life and the
/// home, 8 bytes each.
/// </para>
/// </remarks>
/// <param name="Id">Random; drawn when a machine is made.</param>
/// <param name="Life">From 1; a restored backup and an adopted copy begin the next.</param>
/// <param name="Home">The number of the lock file; 0 before the store is in a folder.</param>
public readonly record struct StoreIdentity(UInt128 Id, ulong Life, ulong Home)
{
    private const int BodyBytes = 16 + (2 * sizeof(ulong));

    private static readonly byte[] Key = "identity"u8.ToArray();

    /// <summary>The first life of a new machine.</summary>
    /// <param name="fillRandom">Fills a buffer with random bytes.</param>
    public static StoreIdentity New(Action<byte[]> fillRandom, ulong home)
    {
        var id = new byte[16];
        fillRandom(id);
        return new(BinaryPrimitives.ReadUInt128LittleEndian(id), 1, home);
    }

    /// <summary>The same machine's next life.</summary>
    public StoreIdentity Next(ulong home)
    {
        Invariant.Check(Life is > 0 and < ulong.MaxValue, "lives count from 1");
        return this with { Life = Life + 1, Home = home };
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Id:x32}, life {Life}");

    /// <summary>The identity of a store; null if it has none yet.</summary>
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

    internal void Save(IStore store)
    {
        Invariant.Check(Life > 0 && Home > 0, "a stored identity has a life and a home");
        var bytes = new byte[Hash256.BytesCount + BodyBytes];
        var body = bytes.AsSpan(Hash256.BytesCount);
        BinaryPrimitives.WriteUInt128LittleEndian(body, Id);
        BinaryPrimitives.WriteUInt64LittleEndian(body[16..], Life);
        BinaryPrimitives.WriteUInt64LittleEndian(body[24..], Home);
        Blake3.Hash(body).WriteTo(bytes);
        var batch = new StoreBatch();
        batch.Put(StoreSpace.Meta, Key, bytes);
        store.Commit(batch, durable: true);
    }
}

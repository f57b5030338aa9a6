using System.Buffers.Binary;
using Pallas.Plan;

namespace Pallas.Store;

/// <summary>The state of the machine after a record of the log.</summary>
/// <param name="Root">Holds the state; what did not change is shared with other snapshots.</param>
public sealed record MachineSnapshot(LogPosition Position, Pin Root);

/// <summary>Snapshots by the number of the record that they include.</summary>
/// <remarks>
/// An entry is the BLAKE3 hash of what follows it, the number of the record (8 bytes), that
/// record's hash, and the hash of the root pin. Its pins are committed with it or before, so one
/// that is there is whole. The one of number 0 is the state that the machine was made with.
/// </remarks>
public sealed class SnapshotTable
{
    private const int EntryBytes = 3 * Hash256.BytesCount + sizeof(ulong);

    private readonly IStore store;
    private readonly PinTable pins;
    private ulong lastNumber;

    internal SnapshotTable(IStore store, PinTable pins)
    {
        this.store = store;
        this.pins = pins;
        if (store.Last(StoreSpace.Snapshots) is { Key: { Length: sizeof(ulong) } key })
            lastNumber = BinaryPrimitives.ReadUInt64BigEndian(key);
    }

    /// <exception cref="StoreError">There is none, or it is damaged.</exception>
    public MachineSnapshot LoadLast() =>
        store.Last(StoreSpace.Snapshots) is { } entry
            ? Load(entry.Key, entry.Value)
            : throw StoreError.Damaged("there is no snapshot");

    /// <summary>The oldest snapshot that is kept.</summary>
    /// <exception cref="StoreError">There is none, or it is damaged.</exception>
    public MachineSnapshot LoadFirst()
    {
        foreach (var (key, value) in store.Scan(StoreSpace.Snapshots, []))
            return Load(key, value);
        throw StoreError.Damaged("there is no snapshot");
    }

    /// <summary>The number of the record that the last snapshot includes.</summary>
    public ulong LastNumber => Volatile.Read(ref lastNumber);

    /// <summary>How many snapshots are kept.</summary>
    public int Count() => store.Scan(StoreSpace.Snapshots, []).Count();

    /// <summary>Saves a snapshot; it counts once this returns. From any thread.</summary>
    public void Save(MachineSnapshot snapshot)
    {
        var batch = new StoreBatch();
        var staged = pins.Stage(batch, snapshot.Root);
        Stage(batch, snapshot);
        store.Commit(batch, durable: true);
        pins.Kept(staged);
        Volatile.Write(ref lastNumber, snapshot.Position.Number);
    }

    /// <summary>Adds the entry alone to a batch.</summary>
    internal static void Stage(StoreBatch batch, MachineSnapshot snapshot)
    {
        var (number, hash) = snapshot.Position;
        var bytes = new byte[EntryBytes];
        var body = bytes.AsSpan(Hash256.BytesCount);
        BinaryPrimitives.WriteUInt64LittleEndian(body, number);
        hash.WriteTo(body[sizeof(ulong)..]);
        snapshot.Root.Hash.WriteTo(body[(sizeof(ulong) + Hash256.BytesCount)..]);
        Blake3.Hash(body).WriteTo(bytes);
        batch.Put(StoreSpace.Snapshots, EventLog.KeyOf(number), bytes);
    }

    private MachineSnapshot Load(byte[] key, byte[] bytes)
    {
        var good = bytes.Length == EntryBytes
            && Hash256.FromBytes(bytes) == Blake3.Hash(bytes.AsSpan(Hash256.BytesCount));
        if (!good)
            throw StoreError.Damaged("a snapshot does not match its checksum");
        var body = bytes.AsSpan(Hash256.BytesCount);
        var number = BinaryPrimitives.ReadUInt64LittleEndian(body);
        if (!key.AsSpan().SequenceEqual(EventLog.KeyOf(number)))
            throw StoreError.Damaged($"the snapshot after record {number} is out of its place");
        var hash = Hash256.FromBytes(body[sizeof(ulong)..]);
        var root = Hash256.FromBytes(body[(sizeof(ulong) + Hash256.BytesCount)..]);
        return new MachineSnapshot(new LogPosition(number, hash), pins.Load(root));
    }
}

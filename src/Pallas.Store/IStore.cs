namespace Pallas.Store;

/// <summary>The parts of a store; each is an ordered map from bytes to bytes.</summary>
public enum StoreSpace
{
    /// <summary>The few facts about the store itself.</summary>
    Meta,

    /// <summary>Pins by hash.</summary>
    Pins,

    /// <summary>The event log by record number.</summary>
    Log,

    /// <summary>Snapshots by the number of the record that they include.</summary>
    Snapshots,

    /// <summary>Parts of snapshots by hash.</summary>
    Chunks,
}

/// <summary>What can be read of a store, or of one moment of it. From any thread.</summary>
public interface IStoreReader
{
    /// <summary>The bytes under a key, or null.</summary>
    byte[]? Get(StoreSpace space, ReadOnlySpan<byte> key);

    /// <summary>Whether a key is there; cheaper than reading it.</summary>
    bool Has(StoreSpace space, ReadOnlySpan<byte> key);

    /// <summary>The pairs from a key on, ascending in the byte order of keys.</summary>
    IEnumerable<KeyValuePair<byte[], byte[]>> Scan(StoreSpace space, byte[] from);

    /// <summary>The keys from one on, as <see cref="Scan"/> without the values.</summary>
    IEnumerable<byte[]> Keys(StoreSpace space, byte[] from) =>
        Scan(space, from).Select(pair => pair.Key);

    /// <summary>How many bytes the values of a space take, before they are packed; of a large space
    /// it is an estimate that counts what was deleted until its room is given back.</summary>
    long ContentBytes(StoreSpace space) =>
        Scan(space, []).Sum(pair => (long)pair.Value.Length);

    /// <summary>The pair of the highest key, or null where the space is empty.</summary>
    KeyValuePair<byte[], byte[]>? Last(StoreSpace space);
}

/// <summary>A store as it was at one moment, whatever is committed since.</summary>
public interface IStoreView : IStoreReader, IDisposable;

/// <summary>
/// The seam under the machine's store: ordered maps, and batches that are kept whole or not at all.
/// </summary>
/// <remarks>
/// What holds: a batch is seen by readers whole or not at all, in the order of the commits; after a
/// durable commit has returned, that batch and all before it survive the process and the machine.
/// After a failed commit the store refuses every later one. Reads and commits may come from any
/// thread. A store that was opened, not created, changes nothing on disk before
/// <see cref="BeginWriting"/>.
/// </remarks>
public interface IStore : IStoreReader, IDisposable
{
    /// <summary>Makes commits possible.</summary>
    void BeginWriting();

    /// <param name="durable">
    /// Return only when the batch is on disk; otherwise it is there with the next durable one.
    /// </param>
    /// <exception cref="StoreError">
    /// <see cref="StoreErrorKind.DiskFull"/> or <see cref="StoreErrorKind.WriteFailed"/>.
    /// </exception>
    void Commit(StoreBatch batch, bool durable);

    /// <summary>What is there now, for reading as long as it is held.</summary>
    IStoreView View();

    /// <summary>About how many bytes a space takes, what was deleted and not given back included.
    /// </summary>
    long SizeOf(StoreSpace space);

    /// <summary>
    /// Gives the room of what was deleted in a space back to the disk; takes long, other threads
    /// read and commit meanwhile.
    /// </summary>
    /// <param name="isStopping">Asked now and then; the rest is then left undone.</param>
    void GiveBack(StoreSpace space, Func<bool> isStopping);
}

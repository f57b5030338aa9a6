namespace Pallas.Store;

/// <summary>The spaces of a store; each is an ordered map from bytes to bytes.</summary>
public enum StoreSpace
{
    /// <summary>Facts about the store itself.</summary>
    Meta,

    /// <summary>Pins by hash.</summary>
    Pins,

    /// <summary>The event log by record number.</summary>
    Log,

    /// <summary>Snapshots by the number of the last record that they include.</summary>
    Snapshots,

    /// <summary>Parts of snapshots by hash.</summary>
    Chunks,
}

/// <summary>Reads a store, or one moment of it. From any thread.</summary>
public interface IStoreReader
{
    /// <summary>The bytes under a key, or null.</summary>
    byte[]? Get(StoreSpace space, ReadOnlySpan<byte> key);

    /// <summary>Whether a key is stored; cheaper than reading its value.</summary>
    bool Has(StoreSpace space, ReadOnlySpan<byte> key);

    /// <summary>The pairs from a key on, ascending in the byte order of keys.</summary>
    IEnumerable<KeyValuePair<byte[], byte[]>> Scan(StoreSpace space, byte[] from);

    /// <summary>The keys of <see cref="Scan"/>, without the values.</summary>
    IEnumerable<byte[]> Keys(StoreSpace space, byte[] from) =>
        Scan(space, from).Select(pair => pair.Key);

    /// <summary>The size of a space's values before compression. For a large space, an estimate
    /// that includes deleted values until their disk space is reclaimed.</summary>
    long ContentBytes(StoreSpace space) =>
        Scan(space, []).Sum(pair => (long)pair.Value.Length);

    /// <summary>The pair with the highest key, or null if the space is empty.</summary>
    KeyValuePair<byte[], byte[]>? Last(StoreSpace space);
}

/// <summary>A store as it was at one moment, without later commits.</summary>
public interface IStoreView : IStoreReader, IDisposable;

/// <summary>
/// The seam under the machine's store: ordered maps, and batches that are stored whole or not at
/// all.
/// </summary>
/// <remarks>
/// Readers see a batch whole or not at all, in the order of the commits. After a durable commit has
/// returned, its batch and all before it survive a crash of the process and of the computer. After
/// a failed commit the store refuses every later one. Reads and commits may come from any thread. A
/// store that was opened, not created, changes nothing on disk before <see cref="BeginWriting"/>.
/// </remarks>
public interface IStore : IStoreReader, IDisposable
{
    /// <summary>Makes commits possible.</summary>
    void BeginWriting();

    /// <param name="durable">
    /// True returns when the batch is on disk. False leaves that to the next durable batch.
    /// </param>
    /// <exception cref="StoreError">
    /// <see cref="StoreErrorKind.DiskFull"/> or <see cref="StoreErrorKind.WriteFailed"/>.
    /// </exception>
    void Commit(StoreBatch batch, bool durable);

    /// <summary>The store as it is now, until the view is disposed.</summary>
    IStoreView View();

    /// <summary>About how many bytes a space takes, with deleted values that are not reclaimed.
    /// </summary>
    long SizeOf(StoreSpace space);

    /// <summary>
    /// Returns the disk space of deleted values to the system. It takes long; other threads read
    /// and commit meanwhile.
    /// </summary>
    /// <param name="isStopping">Called now and then; true abandons the rest.</param>
    void Reclaim(StoreSpace space, Func<bool> isStopping);
}

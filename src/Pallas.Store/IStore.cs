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
}

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
public interface IStore : IDisposable
{
    /// <summary>The bytes under a key, or null.</summary>
    byte[]? Get(StoreSpace space, ReadOnlySpan<byte> key);

    /// <summary>Whether a key is there; cheaper than reading it.</summary>
    bool Has(StoreSpace space, ReadOnlySpan<byte> key);

    /// <summary>The pairs from a key on, ascending in the byte order of keys.</summary>
    IEnumerable<KeyValuePair<byte[], byte[]>> Scan(StoreSpace space, byte[] from);

    /// <summary>The pair of the highest key, or null where the space is empty.</summary>
    KeyValuePair<byte[], byte[]>? Last(StoreSpace space);

    /// <summary>Makes commits possible.</summary>
    void BeginWriting();

    /// <param name="durable">
    /// Return only when the batch is on disk; otherwise it is there with the next durable one.
    /// </param>
    /// <exception cref="StoreError">
    /// <see cref="StoreErrorKind.DiskFull"/> or <see cref="StoreErrorKind.WriteFailed"/>.
    /// </exception>
    void Commit(StoreBatch batch, bool durable);
}

/// <summary>Puts that are kept together or not at all.</summary>
public sealed class StoreBatch
{
    private readonly List<StorePut> puts = [];

    public IReadOnlyList<StorePut> Puts => puts;

    public int Count => puts.Count;

    /// <summary>The bytes of all keys and values.</summary>
    public long BytesCount { get; private set; }

    public void Put(StoreSpace space, byte[] key, byte[] value)
    {
        puts.Add(new StorePut(space, key, value));
        BytesCount += key.Length + value.Length;
    }
}

/// <summary>One pair to be kept; a value that stands there is replaced.</summary>
public readonly record struct StorePut(StoreSpace Space, byte[] Key, byte[] Value);

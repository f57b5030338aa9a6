namespace Pallas.Store;

/// <summary>Changes that are kept together or not at all, in their order.</summary>
public sealed class StoreBatch
{
    private readonly List<StoreChange> changes = [];

    public IReadOnlyList<StoreChange> Changes => changes;

    public int Count => changes.Count;

    /// <summary>The bytes of all keys and values.</summary>
    public long BytesCount { get; private set; }

    /// <summary>One pair to be kept; a value that stands there is replaced.</summary>
    public void Put(StoreSpace space, byte[] key, byte[] value) =>
        Add(new StoreChange(StoreChangeKind.Put, space, key, value));

    /// <summary>Takes a pair away where there is one.</summary>
    public void Delete(StoreSpace space, byte[] key) =>
        Add(new StoreChange(StoreChangeKind.Delete, space, key, []));

    /// <summary>Takes away all pairs of the keys from one on, up to and without another.</summary>
    public void DeleteRange(StoreSpace space, byte[] from, byte[] end) =>
        Add(new StoreChange(StoreChangeKind.DeleteRange, space, from, end));

    private void Add(StoreChange change)
    {
        changes.Add(change);
        BytesCount += change.Key.Length + change.Value.Length;
    }
}

public enum StoreChangeKind : byte
{
    Put,
    Delete,
    DeleteRange,
}

/// <summary>One change of a batch.</summary>
/// <param name="Value">Of a put; the end of a range that is deleted.</param>
public readonly record struct StoreChange(
    StoreChangeKind Kind, StoreSpace Space, byte[] Key, byte[] Value);

using Pallas.Values;

namespace Pallas.Store;

/// <summary>Changes that are committed together or not at all, in their order.</summary>
public sealed class StoreBatch
{
    private readonly List<StoreChange> changes = [];

    public IReadOnlyList<StoreChange> Changes => changes;

    public int Count => changes.Count;

    /// <summary>The size of all keys and values.</summary>
    public long BytesCount { get; private set; }

    /// <summary>Stores a pair; replaces an earlier value under its key.</summary>
    public void Put(StoreSpace space, byte[] key, byte[] value) =>
        Add(new StoreChange(StoreChangeKind.Put, space, key, value));

    /// <summary>Deletes the pair under a key, if there is one.</summary>
    public void Delete(StoreSpace space, byte[] key) =>
        Add(new StoreChange(StoreChangeKind.Delete, space, key, []));

    /// <summary>Deletes the pairs with keys from one up to, and without, another.</summary>
    public void DeleteRange(StoreSpace space, byte[] from, byte[] end)
    {
        Invariant.Check(from.AsSpan().SequenceCompareTo(end) <= 0, "a range ends after its start");
        Add(new StoreChange(StoreChangeKind.DeleteRange, space, from, end));
    }

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
/// <param name="Value">The value of a put, or the end of a deleted range.</param>
public readonly record struct StoreChange(
    StoreChangeKind Kind, StoreSpace Space, byte[] Key, byte[] Value);

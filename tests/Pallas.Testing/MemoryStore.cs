using Pallas.Store;

namespace Pallas.Testing;

/// <summary>
/// A store in memory that can lose batches that are not durable, as a power cut does.
/// </summary>
/// <remarks>
/// <see cref="Crash"/> returns the store as a restart finds it. <see cref="FailCommit"/> and
/// <see cref="FailAfterCommit"/> make a commit fail before and after it is durable.
/// </remarks>
public sealed class MemoryStore : IStore, IStoreView
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<byte[], byte[]>[] live;
    private readonly List<StoreBatch> notDurable = [];
    private readonly SortedDictionary<byte[], byte[]>[] durable;
    private bool failed;

    public MemoryStore()
        : this(MakeSpaces())
    {
    }

    private MemoryStore(SortedDictionary<byte[], byte[]>[] contents)
    {
        durable = contents;
        live = CopyOf(contents);
    }

    /// <summary>The number of commits that did not fail.</summary>
    public int CommitsCount { get; private set; }

    /// <summary>
    /// Called before each commit. An error that it returns is thrown, and the batch is lost.
    /// </summary>
    public Func<StoreBatch, StoreError?>? FailCommit { get; set; }

    /// <summary>Called after each commit. An error that it returns is thrown, although the batch is
    /// stored.</summary>
    public Func<StoreBatch, StoreError?>? FailAfterCommit { get; set; }

    public byte[]? Get(StoreSpace space, ReadOnlySpan<byte> key)
    {
        lock (gate)
            return live[(int)space].GetValueOrDefault(key.ToArray())?.ToArray();
    }

    public bool Has(StoreSpace space, ReadOnlySpan<byte> key)
    {
        lock (gate)
            return live[(int)space].ContainsKey(key.ToArray());
    }

    public IEnumerable<KeyValuePair<byte[], byte[]>> Scan(StoreSpace space, byte[] from)
    {
        lock (gate)
        {
            return live[(int)space]
                .Where(pair => pair.Key.AsSpan().SequenceCompareTo(from) >= 0)
                .ToArray();
        }
    }

    public KeyValuePair<byte[], byte[]>? Last(StoreSpace space)
    {
        lock (gate)
            return live[(int)space].Count == 0 ? null : live[(int)space].Last();
    }

    public void BeginWriting()
    {
    }

    public void Commit(StoreBatch batch, bool durable)
    {
        lock (gate)
        {
            if (failed)
                throw new StoreError(
                    StoreErrorKind.WriteFailed, "an earlier write to the store failed");
            if (FailCommit?.Invoke(batch) is { } error)
            {
                failed = true;
                throw error;
            }
            Apply(batch, live);
            notDurable.Add(batch);
            CommitsCount++;
            if (durable)
                MakeDurable(notDurable.Count);
            if (FailAfterCommit?.Invoke(batch) is { } late)
            {
                failed = true;
                throw late;
            }
        }
    }

    /// <summary>The store that the next start finds.</summary>
    /// <param name="keptCount">
    /// How many of the batches that are not durable reached the disk nevertheless.
    /// </param>
    public MemoryStore Crash(int keptCount = 0)
    {
        lock (gate)
        {
            var contents = CopyOf(durable);
            foreach (var batch in notDurable.Take(keptCount))
                Apply(batch, contents);
            return new MemoryStore(contents);
        }
    }

    /// <summary>Damages a pair: replaces its value, or removes it with null.</summary>
    public void Damage(StoreSpace space, byte[] key, byte[]? value)
    {
        lock (gate)
        {
            foreach (var spaces in new[] { live, durable })
            {
                if (value is null)
                    spaces[(int)space].Remove(key);
                else
                    spaces[(int)space][key] = value;
            }
        }
    }

    public IStoreView View()
    {
        lock (gate)
            return new MemoryStore(live);
    }

    public long SizeOf(StoreSpace space)
    {
        lock (gate)
            return live[(int)space].Sum(pair => (long)pair.Key.Length + pair.Value.Length);
    }

    public void Reclaim(StoreSpace space, Func<bool> isStopping)
    {
    }

    public void Dispose()
    {
    }

    private void MakeDurable(int count)
    {
        foreach (var batch in notDurable.Take(count))
            Apply(batch, durable);
        notDurable.RemoveRange(0, count);
    }

    private static void Apply(StoreBatch batch, SortedDictionary<byte[], byte[]>[] spaces)
    {
        foreach (var change in batch.Changes)
        {
            var space = spaces[(int)change.Space];
            switch (change.Kind)
            {
                case StoreChangeKind.Put:
                    space[change.Key] = change.Value;
                    break;
                case StoreChangeKind.Delete:
                    space.Remove(change.Key);
                    break;
                default:
                    foreach (var key in KeysIn(space, change.Key, change.Value))
                        space.Remove(key);
                    break;
            }
        }
    }

    private static byte[][] KeysIn(
        SortedDictionary<byte[], byte[]> space, byte[] from, byte[] end) =>
    [
        .. space.Keys.Where(key => key.AsSpan().SequenceCompareTo(from) >= 0
            && key.AsSpan().SequenceCompareTo(end) < 0),
    ];

    private static SortedDictionary<byte[], byte[]>[] MakeSpaces() =>
        [.. Enum.GetValues<StoreSpace>().Select(_ => MakeSpace())];

    private static SortedDictionary<byte[], byte[]>[] CopyOf(
        SortedDictionary<byte[], byte[]>[] spaces) =>
        [.. spaces.Select(space => new SortedDictionary<byte[], byte[]>(space, space.Comparer))];

    private static SortedDictionary<byte[], byte[]> MakeSpace() =>
        new(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)));
}

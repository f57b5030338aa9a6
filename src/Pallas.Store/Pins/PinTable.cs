using System.Collections.Concurrent;
using Pallas.Formats.Chunks;
using Pallas.Formats.Pins;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Store.Pins;

/// <summary>
/// Pins and chunks by hash: each is stored once, loaded when it is touched, and checked against its
/// hash when it is loaded.
/// </summary>
/// <remarks>
/// The value under a pin's hash is its blob (<see cref="PinBlob"/>), the one under a chunk's hash
/// its bytes. Neither is stored before all that it refers to. All are in normal form, so saving and
/// loading may run on any thread.
/// <para>
/// One object represents each hash as long as it is referenced, so facts that are derived of a pin
/// (its jet, its code) are derived once. Loaded laws stay in memory; other items are evicted when
/// the cache is full.
/// </para>
/// </remarks>
public sealed class PinTable : ChunkSource
{
    private const int PinBytes = 64;
    private const int MemoryFactor = 8;

    private readonly IStoreReader store;
    private readonly ValueCache cache;
    private readonly WeakMap<Pin> pinsInUse;
    private readonly WeakMap<StoredAt> placesInUse;
    private readonly Func<Pin, bool> isStored;
    private bool holdsAll;

    /// <summary>Hashes whose stored content turned out to be something else. They count as not
    /// stored, so that a committer with the right content writes it again.</summary>
    private readonly ConcurrentDictionary<Hash256, bool> damaged = [];

    /// <summary>The pins that this thread is loading: one, unless sets hold pins and need what
    /// these hold for their order. In a forged store a pin may refer to itself.</summary>
    [ThreadStatic]
    private static HashSet<Hash256>? loading;

    internal PinTable(IStoreReader store, long cacheBytesMax)
    {
        this.store = store;
        cache = new ValueCache(cacheBytesMax);
        pinsInUse = new WeakMap<Pin>(hash => Pin.Stored(hash, this));
        placesInUse = new WeakMap<StoredAt>(hash => new StoredAt(this, hash));
        isStored = IsStored;
    }

    /// <summary>Whether content with the second hash is right where the first is expected. A
    /// simulation replaces it to leave the check out.</summary>
    internal Func<Hash256, Hash256, bool> Accepts { get; init; } =
        static (expected, actual) => expected == actual;

    /// <summary>About how much memory the loaded parts take that can be loaded again.</summary>
    internal long CachedBytes => cache.BytesCount;

    /// <summary>Keeps the collector from deleting what a committer leaves out of its
    /// batch.</summary>
    internal GcBarrier Barrier { get; } = new();

    /// <summary>
    /// Adds pins, and all that they refer to, to a batch; leaves out those that are stored already.
    /// </summary>
    /// <returns>For <see cref="Committed"/> or <see cref="Abandoned"/>.</returns>
    public StagedPins Stage(StoreBatch batch, params IEnumerable<Pin> pins)
    {
        var round = Barrier.BeginStaging();
        try
        {
            var staged = PinOrder.Missing(pins, isStored);
            foreach (var pin in staged)
            {
                var blob = PinBlob.Write(pin);
                Invariant.Check(blob.Length > 0, "a pin has content");
                batch.Put(StoreSpace.Pins, pin.Hash.ToBytes(), blob);
                if (blob.Length >= ReferenceIndex.ContentBytesMin)
                {
                    Hash256[] refs = [.. pin.Refs.Select(inner => inner.Hash)];
                    ReferenceIndex.Stage(batch, pin.Hash, blob.Length, refs, []);
                }
            }
            return new StagedPins(staged, round);
        }
        catch
        {
            Barrier.EndStaging(round);
            throw;
        }
    }

    /// <summary>The batch of the staged pins is committed.</summary>
    public void Committed(StagedPins staged)
    {
        Barrier.EndStaging(staged.Round);
        foreach (var pin in staged.Pins)
        {
            // Only a pin that LiveInMemory lists may be evicted.
            if (!pinsInUse.TryAdd(pin.Hash, pin))
                continue;
            pin.KeepAt(this);
            if (pin.ItemInMemory is not (null or Law))
                cache.Watch(pin, MemoryOf(pin));
        }
    }

    /// <summary>The batch of the staged pins was not committed.</summary>
    public void Abandoned(StagedPins staged) => Barrier.EndStaging(staged.Round);

    /// <summary>Counts everything that is loaded or stored from here on as referenced.</summary>
    internal void HoldAll()
    {
        holdsAll = true;
        pinsInUse.HoldAll();
        placesInUse.HoldAll();
    }

    /// <summary>How many full collections .NET has made. An object that was referenced before one
    /// may be garbage after it.</summary>
    internal int FullGcCount => holdsAll ? 0 : GC.CollectionCount(GC.MaxGeneration);

    /// <summary>The pins and chunks that objects in memory refer to, and may load at any time.
    /// </summary>
    internal IEnumerable<(StoreSpace Space, Hash256 Hash)> LiveInMemory() =>
    [
        .. pinsInUse.Hashes().Select(hash => (StoreSpace.Pins, hash)),
        .. placesInUse.Hashes().Select(hash => (StoreSpace.Chunks, hash)),
    ];

    /// <summary>The pin of a hash. Its item is read when it is touched.</summary>
    public Pin Find(Hash256 hash) => pinsInUse.Find(hash);

    /// <summary>Checks the blob under a pin's hash without caching it.</summary>
    /// <exception cref="StoreError">The blob has another hash.</exception>
    public void Check(Hash256 hash, byte[] blob) => Read(hash, blob);

    /// <summary>Reads and checks a chunk.</summary>
    /// <exception cref="StoreError">It is missing or has another hash.</exception>
    public byte[] GetChunk(Hash256 hash)
    {
        var bytes = store.Get(StoreSpace.Chunks, hash.ToBytes())
            ?? throw StoreError.Damaged($"the chunk {hash} is missing");
        return Accepts(hash, Blake3.Hash(bytes))
            ? bytes
            : throw Damaged(hash, $"the chunk {hash} is not what its hash says");
    }

    /// <summary>Whether a chunk is stored and outlives a collection that is under way.</summary>
    internal bool IsStored(Hash256 chunk) =>
        Barrier.Retain(chunk) && !damaged.ContainsKey(chunk)
        && store.Has(StoreSpace.Chunks, chunk.ToBytes());

    protected override Pin FindPin(Hash256 hash) => Find(hash);

    protected override StoredAt FindPlace(Hash256 chunk) => placesInUse.Find(chunk);

    protected override byte[] ReadChunk(Hash256 hash) => GetChunk(hash);

    protected override Value LoadItem(Pin pin)
    {
        if (!StackGuard.HasRoom)
            return LoadDeeper(pin);
        loading ??= [];
        if (!loading.Add(pin.Hash))
            throw Damaged(pin.Hash, $"the pin {pin.Hash} refers to itself");
        try
        {
            return LoadOne(pin);
        }
        finally
        {
            var wasLoading = loading.Remove(pin.Hash);
            Invariant.Check(wasLoading, $"the pin {pin.Hash} is loaded once at a time");
        }
    }

    private Value LoadDeeper(Pin pin) => StackGuard.OnFreshStack(() => LoadItem(pin));

    private Value LoadOne(Pin pin)
    {
        var blob = store.Get(StoreSpace.Pins, pin.Hash.ToBytes())
            ?? throw StoreError.Damaged($"the pin {pin.Hash} is missing");
        var item = Read(pin.Hash, blob);
        if (item is not Law)
            cache.Add(pin, PinBytes + ((long)blob.Length * (item is Bar ? 1 : MemoryFactor)));
        return item;
    }

    protected override void Loaded(IDroppable part, long bytesCount) =>
        cache.Add(part, bytesCount);

    protected override void Kept(IDroppable part, long bytesCount) =>
        cache.Watch(part, bytesCount);

    protected override Exception Unreadable(Hash256 chunk) =>
        StoreError.Damaged($"the chunk {chunk} cannot be read");

    private bool IsStored(Pin pin) => Barrier.Retain(pin.Hash) && !damaged.ContainsKey(pin.Hash)
        && (pin.Source == this || store.Has(StoreSpace.Pins, pin.Hash.ToBytes()));

    private static long MemoryOf(Pin pin) => pin.ItemInMemory switch
    {
        Bar bar => PinBytes + bar.Count,
        Row row => PinBytes + (row.Count * 40L),
        Tab tab => PinBytes + (tab.Count * 80L),
        Set set => PinBytes + (set.Count * 40L),
        _ => PinBytes * 4,
    };

    private Value Read(Hash256 hash, byte[] blob)
    {
        if (!PinBlob.TryRead(blob, Find, out var item, out var error, true))
            throw Damaged(hash, $"the pin {hash} cannot be read: {error}");
        if (!Accepts(hash, PinHash.Of(item)))
            throw Damaged(hash, $"the pin {hash} is not what its hash says");
        return item;
    }

    private StoreError Damaged(Hash256 hash, string what)
    {
        damaged[hash] = true;
        return StoreError.Damaged(what);
    }
}

/// <summary>Pins in a batch that is not committed yet.</summary>
/// <param name="Round">Of the barrier.</param>
public sealed record StagedPins(IReadOnlyList<Pin> Pins, int Round);

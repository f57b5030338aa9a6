using System.Collections.Concurrent;
using Pallas.Plan;

namespace Pallas.Store.Pins;

/// <summary>
/// Pins and chunks by hash: each is stored once, loaded when touched, and checked against its hash
/// when it is.
/// </summary>
/// <remarks>
/// What stands under a pin's hash is its blob (<see cref="PinBlob"/>), under a chunk's its bytes.
/// One is kept no earlier than those it refers to. All are in normal form, so saving and loading
/// may run on any thread.
/// <para>
/// Pins are one object a hash as long as that is in use, so what is found out about one (its jet,
/// its code) is found out once. Laws stay once they are loaded; other items are dropped when the
/// cache is full.
/// </para>
/// </remarks>
public sealed class PinTable : ValueSource
{
    private const int PinBytes = 64;
    private const int MemoryFactor = 8;

    private readonly IStoreReader store;
    private readonly ValueCache cache;
    private readonly WeakMap<Pin> pinsInUse;
    private readonly WeakMap<StoredAt> placesInUse;
    private bool holdsAll;

    /// <summary>What this thread is about to load: one pin, but for pins in sets, whose order may
    /// need what they hold. A forged store may have one that stands on itself.</summary>
    [ThreadStatic]
    private static HashSet<Hash256>? loading;

    internal PinTable(IStoreReader store, long cacheBytesMax)
    {
        this.store = store;
        cache = new ValueCache(cacheBytesMax);
        pinsInUse = new WeakMap<Pin>(hash => Pin.Stored(hash, this));
        placesInUse = new WeakMap<StoredAt>(hash => new StoredAt(this, hash));
    }

    /// <summary>
    /// What is stored under these hashes was found to be something else: who has the right content
    /// puts it again.
    /// </summary>
    private readonly ConcurrentDictionary<Hash256, bool> damaged = [];

    internal StoreFlaw Flaw { get; init; }

    /// <summary>Whether bytes need not be what their hash says.</summary>
    internal bool BelievesAll => Flaw == StoreFlaw.ChecksumsIgnored;

    /// <summary>About how much memory loaded parts take that can be loaded again.</summary>
    public long CachedBytes => cache.BytesCount;

    /// <summary>What is being collected, and what must not be.</summary>
    internal GcBarrier Guard { get; } = new();

    /// <summary>
    /// Adds a pin and all that it needs to a batch, leaving out what the store has already.
    /// </summary>
    /// <returns>What to give to Kept once the batch is committed.</returns>
    public StagedPins Stage(StoreBatch batch, params IEnumerable<Pin> pins)
    {
        var staged = new List<Pin>();
        var seen = new HashSet<Hash256>();
        var todo = new Stack<(Pin Pin, bool RefsDone)>();
        foreach (var pin in pins)
            todo.Push((pin, false));
        var round = Guard.BeginStaging();
        try
        {
            while (todo.TryPop(out var next))
            {
                var (pin, refsDone) = next;
                if (refsDone)
                {
                    var blob = PinBlob.Write(pin);
                    batch.Put(StoreSpace.Pins, pin.Hash.ToBytes(), blob);
                    if (blob.Length >= ReferenceIndex.ContentBytesMin)
                    {
                        Hash256[] refs = [.. pin.Refs.Select(inner => inner.Hash)];
                        ReferenceIndex.Stage(batch, pin.Hash, blob.Length, refs, []);
                    }
                    staged.Add(pin);
                }
                else if (seen.Add(pin.Hash) && !IsKept(pin))
                {
                    todo.Push((pin, true));
                    foreach (var inner in pin.Refs)
                        todo.Push((inner, false));
                }
            }
        }
        catch
        {
            Guard.EndStaging(round);
            throw;
        }
        return new StagedPins(staged, round);
    }

    /// <summary>Notes that staged pins are in the store.</summary>
    public void Kept(StagedPins staged)
    {
        Guard.EndStaging(staged.Round);
        foreach (var pin in staged.Pins)
        {
            // Only who is known to be in use may be dropped: see InUse.
            if (!pinsInUse.TryAdd(pin.Hash, pin))
                continue;
            pin.KeepAt(this);
            if (pin.ItemInMemory is not (null or Law))
                cache.Watch(pin, MemoryOf(pin));
        }
    }

    /// <summary>The batch of staged pins was not committed.</summary>
    public void NotKept(StagedPins staged) => Guard.EndStaging(staged.Round);

    /// <summary>Takes everything that is loaded or kept from here on for in use.</summary>
    internal void HoldAll()
    {
        holdsAll = true;
        pinsInUse.HoldAll();
        placesInUse.HoldAll();
    }

    /// <summary>How often what is in use was looked for: what was, may not be any more after the
    /// next time.</summary>
    internal int RoundsCount => holdsAll ? 0 : GC.CollectionCount(GC.MaxGeneration);

    /// <summary>Pins and chunks that somebody has in hand, and may ask for at any time.</summary>
    internal IEnumerable<(StoreSpace Space, Hash256 Hash)> InUse() =>
    [
        .. pinsInUse.Hashes().Select(hash => (StoreSpace.Pins, hash)),
        .. placesInUse.Hashes().Select(hash => (StoreSpace.Chunks, hash)),
    ];

    /// <summary>The pin of a hash; nothing is read before its item is touched.</summary>
    public Pin Find(Hash256 hash) => pinsInUse.Find(hash);

    /// <summary>Checks what stands under a pin's hash without keeping it.</summary>
    /// <exception cref="StoreError">It is not what its hash says.</exception>
    public void Check(Hash256 hash, byte[] blob) => Read(hash, blob);

    /// <summary>Reads and checks a chunk.</summary>
    /// <exception cref="StoreError">It is missing or is not what its hash says.</exception>
    public byte[] GetChunk(Hash256 hash)
    {
        var bytes = store.Get(StoreSpace.Chunks, hash.ToBytes());
        if (bytes is null)
        {
            return Flaw == StoreFlaw.MissingChunksAccepted
                ? [1, 0x80]
                : throw StoreError.Damaged($"the chunk {hash} is missing");
        }
        return Blake3.Hash(bytes) == hash || BelievesAll
            ? bytes
            : throw Damaged(hash, $"the chunk {hash} is not what its hash says");
    }

    internal bool IsKept(Hash256 chunk) =>
        Guard.WillStay(chunk) && !damaged.ContainsKey(chunk)
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
            throw Damaged(pin.Hash, $"the pin {pin.Hash} stands on itself");
        try
        {
            return LoadOne(pin);
        }
        finally
        {
            loading.Remove(pin.Hash);
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

    private bool IsKept(Pin pin) => Guard.WillStay(pin.Hash) && !damaged.ContainsKey(pin.Hash)
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
        if (PinHash.Of(item) != hash && !BelievesAll)
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
/// <param name="Round">Of the guard.</param>
public sealed record StagedPins(IReadOnlyList<Pin> Pins, int Round);

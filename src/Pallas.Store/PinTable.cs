using System.Collections.Concurrent;
using Pallas.Plan;

namespace Pallas.Store;

/// <summary>
/// Pins by hash: each is stored once, and checked against its hash when it is read.
/// </summary>
/// <remarks>
/// What stands under a hash is the pin's blob (<see cref="PinBlob"/>). A pin is kept no earlier
/// than the pins it refers to. Pins are in normal form, so saving may run on any thread.
/// </remarks>
public sealed class PinTable
{
    private readonly IStore store;
    private readonly ConcurrentDictionary<Hash256, byte> kept = new();
    private readonly Dictionary<Hash256, Pin> loaded = [];

    internal PinTable(IStore store) => this.store = store;

    /// <summary>
    /// Adds a pin and all that it needs to a batch, leaving out what the store has already.
    /// </summary>
    /// <returns>What to give to <see cref="Kept"/> once the batch is committed.</returns>
    public IReadOnlyList<Pin> Stage(StoreBatch batch, params IEnumerable<Pin> pins)
    {
        var staged = new List<Pin>();
        var seen = new HashSet<Hash256>();
        var todo = new Stack<(Pin Pin, bool RefsDone)>();
        foreach (var pin in pins)
            todo.Push((pin, false));
        while (todo.TryPop(out var next))
        {
            var (pin, refsDone) = next;
            if (refsDone)
            {
                batch.Put(StoreSpace.Pins, pin.Hash.ToBytes(), PinBlob.Write(pin));
                staged.Add(pin);
            }
            else if (seen.Add(pin.Hash) && !IsKept(pin.Hash))
            {
                todo.Push((pin, true));
                foreach (var inner in pin.Refs)
                    todo.Push((inner, false));
            }
        }
        return staged;
    }

    /// <summary>Notes that staged pins are in the store.</summary>
    public void Kept(IEnumerable<Pin> pins)
    {
        foreach (var pin in pins)
            kept[pin.Hash] = 0;
    }

    /// <summary>The pin of a hash, with all that it refers to.</summary>
    /// <remarks>Not for concurrent use.</remarks>
    /// <exception cref="StoreError">A pin is missing or is not what its hash says.</exception>
    public Pin Load(Hash256 hash)
    {
        var todo = new Stack<(Hash256 Hash, byte[]? Blob)>();
        var underWay = new HashSet<Hash256>();
        todo.Push((hash, null));
        while (todo.TryPop(out var next))
        {
            if (loaded.ContainsKey(next.Hash))
                continue;
            if (next.Blob is { } blob)
            {
                loaded[next.Hash] = Verify(next.Hash, blob);
                kept[next.Hash] = 0;
                continue;
            }
            if (!underWay.Add(next.Hash))
                throw StoreError.Damaged($"the pin {next.Hash} refers to itself");
            blob = store.Get(StoreSpace.Pins, next.Hash.ToBytes())
                ?? throw StoreError.Damaged($"the pin {next.Hash} is missing");
            todo.Push((next.Hash, blob));
            if (!PinBlob.TryReadRefs(blob, out var refs, out var error))
                throw Unreadable(next.Hash, error);
            foreach (var inner in refs)
            {
                if (!loaded.ContainsKey(inner))
                    todo.Push((inner, null));
            }
        }
        return loaded[hash];
    }

    /// <summary>Lets go of the pins that loading holds on to for sharing.</summary>
    public void ForgetLoaded() => loaded.Clear();

    private bool IsKept(Hash256 hash) =>
        kept.ContainsKey(hash) || store.Has(StoreSpace.Pins, hash.ToBytes());

    private Pin Verify(Hash256 hash, byte[] blob)
    {
        if (!PinBlob.TryRead(blob, loaded.GetValueOrDefault, out var item, out var error, true))
            throw Unreadable(hash, error);
        if (PinHash.Of(item) != hash)
            throw StoreError.Damaged($"the pin {hash} is not what its hash says");
        return Pin.Make(item, hash);
    }

    private static StoreError Unreadable(Hash256 hash, SeedError error) =>
        StoreError.Damaged($"the pin {hash} cannot be read: {error}");
}

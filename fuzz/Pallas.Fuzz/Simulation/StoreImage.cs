using System.Collections.Immutable;
using Pallas.Store;

namespace Pallas.Fuzz.Simulation;

/// <summary>The contents of a store at one moment. Later images share with it.</summary>
internal sealed class StoreImage
{
    private static readonly Comparer<StoreEntry> ByKey = Comparer<StoreEntry>.Create(
        (a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));

    public static readonly StoreImage Empty = new(
        [.. Enum.GetValues<StoreSpace>()
            .Select(_ => ImmutableSortedSet.Create<StoreEntry>(ByKey))]);

    private readonly ImmutableArray<ImmutableSortedSet<StoreEntry>> spaces;

    private StoreImage(ImmutableArray<ImmutableSortedSet<StoreEntry>> spaces) =>
        this.spaces = spaces;

    /// <summary>The entries of a space in the order of their keys.</summary>
    public ImmutableSortedSet<StoreEntry> this[StoreSpace space] => spaces[(int)space];

    public byte[]? Get(StoreSpace space, ReadOnlySpan<byte> key) =>
        this[space].TryGetValue(new StoreEntry(key.ToArray(), []), out var entry)
            ? entry.Value
            : null;

    public IEnumerable<StoreEntry> From(StoreSpace space, byte[] key)
    {
        var entries = this[space];
        for (var i = PlaceOf(entries, key); i < entries.Count; i++)
            yield return entries[i];
    }

    /// <summary>The entry with another value, or, with null, without it.</summary>
    public StoreImage With(StoreSpace space, byte[] key, byte[]? value)
    {
        var entry = new StoreEntry(key, value ?? []);
        var entries = this[space].Remove(entry);
        return new StoreImage(
            spaces.SetItem((int)space, value is null ? entries : entries.Add(entry)));
    }

    /// <param name="keepAll">Only puts count, so that what is deleted stays.</param>
    public StoreImage With(StoreBatch batch, bool keepAll = false)
    {
        var image = this;
        foreach (var change in batch.Changes)
        {
            if (change.Kind == StoreChangeKind.Put)
                image = image.With(change.Space, change.Key, change.Value);
            else if (!keepAll && change.Kind == StoreChangeKind.Delete)
                image = image.With(change.Space, change.Key, null);
            else if (!keepAll)
                image = image.Without(change.Space, change.Key, change.Value);
        }
        return image;
    }

    private StoreImage Without(StoreSpace space, byte[] from, byte[] end)
    {
        var entries = this[space];
        var (first, last) = (PlaceOf(entries, from), PlaceOf(entries, end));
        var gone = Enumerable.Range(first, Math.Max(0, last - first)).Select(i => entries[i]);
        return new StoreImage(spaces.SetItem((int)space, entries.Except(gone.ToArray())));
    }

    private static int PlaceOf(ImmutableSortedSet<StoreEntry> entries, byte[] key)
    {
        var place = entries.IndexOf(new StoreEntry(key, []));
        return place < 0 ? ~place : place;
    }
}

internal readonly record struct StoreEntry(byte[] Key, byte[] Value);

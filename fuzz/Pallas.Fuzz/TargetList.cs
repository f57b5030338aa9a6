namespace Pallas.Fuzz;

/// <summary>Every target; a new one is one line here.</summary>
public static class TargetList
{
    private static readonly (string Name, Func<FuzzTarget> Make)[] Table =
    [
        ("hash", () => new HashTarget()),
        ("rex", () => new RexTarget()),
        ("rex-lines", () => new RexLinesTarget()),
        ("seed", () => new SeedTarget()),
        ("seed-expression", () => new SeedExpressionTarget()),
        ("germ", () => new GermTarget()),
        ("pin-blob", () => new BlobTarget()),
        ("pod", () => new PodTarget()),
        ("loot", () => new LootTarget()),
        ("receipt", () => new ReceiptTarget()),
        ("store", () => new StoreTarget()),
        ("chunk", () => new ChunkTarget()),
        ("module-cache", () => new CacheTarget()),
        ("sire", () => new SireTarget()),
        ("sire-library", () => new LibraryTarget()),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. Table.Select(row => row.Name)];

    /// <summary>A new instance, or null where there is no such target.</summary>
    public static FuzzTarget? Find(string name) =>
        Array.Find(Table, row => row.Name == name).Make?.Invoke();
}

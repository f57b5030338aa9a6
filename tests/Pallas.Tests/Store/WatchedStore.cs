using Pallas.Store;

namespace Pallas.Tests.Store;

/// <summary>A store that reports each value that is read, and may refuse writing.</summary>
internal sealed class WatchedStore(IStore inner) : IStore
{
    /// <summary>Called before each value that is read by its key.</summary>
    public Action<StoreSpace>? OnGet { get; set; }

    /// <summary>Thrown by <see cref="BeginWriting"/>.</summary>
    public StoreError? Refusal { get; init; }

    public byte[]? Get(StoreSpace space, ReadOnlySpan<byte> key)
    {
        OnGet?.Invoke(space);
        return inner.Get(space, key);
    }

    public bool Has(StoreSpace space, ReadOnlySpan<byte> key) => inner.Has(space, key);

    public IEnumerable<KeyValuePair<byte[], byte[]>> Scan(StoreSpace space, byte[] from) =>
        inner.Scan(space, from);

    public KeyValuePair<byte[], byte[]>? Last(StoreSpace space) => inner.Last(space);

    public void BeginWriting()
    {
        if (Refusal is not null)
            throw Refusal;
        inner.BeginWriting();
    }

    public void Commit(StoreBatch batch, bool durable) => inner.Commit(batch, durable);

    public IStoreView View() => inner.View();

    public long SizeOf(StoreSpace space) => inner.SizeOf(space);

    public void Reclaim(StoreSpace space, Func<bool> isStopping) =>
        inner.Reclaim(space, isStopping);

    public void Dispose() => inner.Dispose();
}

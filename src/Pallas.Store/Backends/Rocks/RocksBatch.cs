using static Pallas.Store.Backends.Rocks.RocksNative;

namespace Pallas.Store.Backends.Rocks;

/// <summary>Changes for <see cref="RocksDatabase.Write"/>.</summary>
internal sealed unsafe class RocksBatch(nint[] families) : IDisposable
{
    public nint Handle { get; } = rocksdb_writebatch_create();

    public void Put(int family, byte[] key, byte[] value)
    {
        fixed (byte* start = key, content = value)
        {
            rocksdb_writebatch_put_cf(
                Handle, families[family], start, (nuint)key.Length, content,
                (nuint)value.Length);
        }
    }

    public void Delete(int family, byte[] key)
    {
        fixed (byte* start = key)
            rocksdb_writebatch_delete_cf(Handle, families[family], start, (nuint)key.Length);
    }

    /// <summary>Of the keys from one on, up to and without another.</summary>
    public void DeleteRange(int family, byte[] from, byte[] end)
    {
        fixed (byte* start = from, stop = end)
        {
            rocksdb_writebatch_delete_range_cf(
                Handle, families[family], start, (nuint)from.Length, stop, (nuint)end.Length);
        }
    }

    public void Dispose() => rocksdb_writebatch_destroy(Handle);
}

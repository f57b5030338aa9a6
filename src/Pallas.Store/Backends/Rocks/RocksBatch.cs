using Pallas.Values;

using static Pallas.Store.Backends.Rocks.RocksNative;

namespace Pallas.Store.Backends.Rocks;

/// <summary>Changes for <see cref="RocksDatabase.Write"/>.</summary>
internal sealed unsafe class RocksBatch(nint[] families) : IDisposable
{
    public nint Handle { get; private set; } = rocksdb_writebatch_create();

    public void Put(int family, byte[] key, byte[] value)
    {
        fixed (byte* start = key, content = value)
        {
            rocksdb_writebatch_put_cf(
                Handle, FamilyOf(family), start, (nuint)key.Length, content,
                (nuint)value.Length);
        }
    }

    public void Delete(int family, byte[] key)
    {
        fixed (byte* start = key)
            rocksdb_writebatch_delete_cf(Handle, FamilyOf(family), start, (nuint)key.Length);
    }

    /// <summary>Deletes the keys from one up to, and without, another.</summary>
    public void DeleteRange(int family, byte[] from, byte[] end)
    {
        fixed (byte* start = from, stop = end)
        {
            rocksdb_writebatch_delete_range_cf(
                Handle, FamilyOf(family), start, (nuint)from.Length, stop, (nuint)end.Length);
        }
    }

    public void Dispose()
    {
        Invariant.Check(Handle != 0, "a batch is destroyed once");
        rocksdb_writebatch_destroy(Handle);
        Handle = 0;
    }

    private nint FamilyOf(int family)
    {
        Invariant.Check(Handle != 0, "a batch takes changes until it is destroyed");
        Invariant.Check(
            (uint)family < (uint)families.Length, "a change is to a space of the store");
        return families[family];
    }
}

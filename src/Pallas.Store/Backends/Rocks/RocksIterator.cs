using Pallas.Values;

using static Pallas.Store.Backends.Rocks.RocksNative;

namespace Pallas.Store.Backends.Rocks;

/// <summary>Goes over the pairs of a family.</summary>
internal sealed unsafe class RocksIterator(nint handle) : IDisposable
{
    public bool IsAtPair => rocksdb_iter_valid(handle) != 0;

    public byte[] Key
    {
        get
        {
            Invariant.Check(IsAtPair, "a key is read at a pair");
            nuint count;
            return Copy(rocksdb_iter_key(handle, &count), count);
        }
    }

    public byte[] Value
    {
        get
        {
            Invariant.Check(IsAtPair, "a value is read at a pair");
            nuint count;
            return Copy(rocksdb_iter_value(handle, &count), count);
        }
    }

    public void Seek(byte[] key)
    {
        fixed (byte* start = key)
            rocksdb_iter_seek(handle, start, (nuint)key.Length);
    }

    public void SeekToLast() => rocksdb_iter_seek_to_last(handle);

    public void Next() => rocksdb_iter_next(handle);

    /// <exception cref="RocksException">It ended because of damage.</exception>
    public void CheckEnd()
    {
        Invariant.Check(!IsAtPair, "the end of an iteration is checked at its end");
        byte* error = null;
        rocksdb_iter_get_error(handle, &error);
        Check(error);
    }

    public void Dispose() => rocksdb_iter_destroy(handle);

    private static byte[] Copy(byte* start, nuint count)
    {
        Invariant.Check(count <= int.MaxValue, "a key or value fits into an array");
        return new ReadOnlySpan<byte>(start, (int)count).ToArray();
    }
}

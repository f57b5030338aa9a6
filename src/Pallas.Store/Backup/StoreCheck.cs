using Pallas.Formats.Chunks;
using Pallas.Formats.Pins;
using Pallas.Store.Log;
using Pallas.Store.Pins;
using Pallas.Store.Snapshots;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Store.Backup;

/// <summary>The number of entries that a check has read.</summary>
public readonly record struct StoreContents(
    long PinsCount, long ChunksCount, long RecordsCount, long SnapshotsCount);

/// <summary>Reads a whole store and checks every checksum, hash and reference in it.</summary>
public static class StoreCheck
{
    /// <param name="onFault">Called with each fault, as one line for people.</param>
    public static StoreContents Run(IStoreReader store, Action<string> onFault)
    {
        var pins = new PinTable(store, cacheBytesMax: 0);
        var check = new Pass(store, pins, onFault);
        var pinsCount = check.CheckEach(StoreSpace.Pins, check.CheckPin);
        var chunksCount = check.CheckEach(StoreSpace.Chunks, check.CheckChunk);
        LogPosition? first = null;
        var snapshotsCount = check.CheckEach(StoreSpace.Snapshots, (key, value) =>
        {
            var entry = SnapshotTable.ReadEntry(key, value);
            first ??= entry.Position;
            check.CheckReference(
                entry.Space, entry.Root, $"the snapshot after {entry.Position.Number}");
        });
        var recordsCount = 0L;
        check.Try(() =>
        {
            var log = EventLog.Open(store, pins);
            if (first is not { } start)
                throw StoreError.Damaged("there is no snapshot");
            foreach (var record in log.Read(start))
            {
                recordsCount++;
                foreach (var pin in Pin.Make(record.Payload).Refs)
                {
                    check.CheckReference(
                        StoreSpace.Pins, pin.Hash, $"record {record.Position.Number}");
                }
            }
        });
        return new StoreContents(pinsCount, chunksCount, recordsCount, snapshotsCount);
    }

    private sealed class Pass(IStoreReader store, PinTable pins, Action<string> onFault)
    {
        public long CheckEach(StoreSpace space, Action<byte[], byte[]> checkPair)
        {
            var count = 0L;
            Try(() =>
            {
                foreach (var (key, value) in store.Scan(space, []))
                {
                    count++;
                    Try(() => checkPair(key, value));
                }
            });
            return count;
        }

        public void CheckPin(byte[] key, byte[] blob)
        {
            var hash = HashOf(key);
            pins.Check(hash, blob);
            if (!PinBlob.TryReadRefs(blob, out var refs, out _))
                return;
            foreach (var inner in refs)
                CheckReference(StoreSpace.Pins, inner, $"the pin {hash}");
        }

        public void CheckChunk(byte[] key, byte[] bytes)
        {
            var hash = HashOf(key);
            var isGood = Blake3.Hash(bytes) == hash && ChunkReader.TryReadRefs(
                bytes,
                pin => CheckReference(StoreSpace.Pins, pin, $"the chunk {hash}"),
                chunk => CheckReference(StoreSpace.Chunks, chunk, $"the chunk {hash}"));
            if (!isGood)
                throw StoreError.Damaged($"the chunk {hash} is not what its hash says");
        }

        public void CheckReference(StoreSpace space, Hash256 hash, string referrer)
        {
            if (!store.Has(space, hash.ToBytes()))
            {
                var what = space == StoreSpace.Pins ? "pin" : "chunk";
                onFault($"the store is damaged: the {what} {hash} is missing, for {referrer}");
            }
        }

        public void Try(Action action)
        {
            try
            {
                action();
            }
            catch (StoreError error)
            {
                onFault(error.Message);
            }
        }

        private static Hash256 HashOf(byte[] key) => key.Length == Hash256.BytesCount
            ? Hash256.FromBytes(key)
            : throw StoreError.Damaged("a key is not a hash");
    }
}

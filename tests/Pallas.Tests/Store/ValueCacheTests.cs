using System.Runtime.CompilerServices;
using Pallas.Store.Pins;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Store;

public sealed class ValueCacheTests
{
    [Fact]
    public void A_full_cache_evicts_the_oldest_part_first()
    {
        var cache = new ValueCache(bytesMax: 100);
        Part[] parts = [new(), new(), new()];
        cache.Add(parts[0], 40);
        cache.Watch(parts[1], 40);
        cache.Add(parts[2], 40);
        Assert.Equal(80, cache.BytesCount);
        Assert.Equal([true, false, false], parts.Select(part => part.IsDropped));
        cache.Watch(new Part(), 40);
        Assert.Equal([true, true, false], parts.Select(part => part.IsDropped));
    }

    [Fact]
    public void A_watched_part_leaves_the_cache_once_it_is_garbage()
    {
        var cache = new ValueCache(bytesMax: long.MaxValue);
        var kept = new Part();
        cache.Watch(kept, 1);
        for (var round = 0; round < 10; round++)
        {
            WatchMany(cache, 10_000);
            GC.Collect();
        }
        Assert.InRange(cache.BytesCount, 1, 40_000);
        Assert.False(kept.IsDropped);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WatchMany(ValueCache cache, int count)
    {
        for (var i = 0; i < count; i++)
            cache.Watch(new Part(), 1);
    }

    private sealed class Part : IDroppable
    {
        public bool IsDropped { get; private set; }

        public void Drop() => IsDropped = true;
    }
}

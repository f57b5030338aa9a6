using Pallas.Machine;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine;

public sealed class CogMapTests
{
    [Fact]
    public void Behaves_like_a_sorted_dictionary()
    {
        var random = new Random(7);
        var model = new SortedDictionary<ulong, CogState>();
        var map = CogMap.Empty;
        for (var step = 0; step < 4000; step++)
        {
            // It grows for a while, then it shrinks.
            var id = (ulong)random.Next(200);
            if (random.Next(4000) >= step)
            {
                model[id] = CogState.Of(Nat.Of((ulong)step));
                map = map.With(new CogId(id), model[id]);
            }
            else
            {
                model.Remove(id);
                map = map.Without(new CogId(id));
            }
            Assert.Equal(model.Count, map.Count);
            Assert.Same(model.GetValueOrDefault(id), map.Find(new CogId(id)));
            if (step % 100 == 0)
                CheckSame(model, map);
        }
        CheckSame(model, map);
    }

    [Fact]
    public void A_change_leaves_the_earlier_map_unchanged()
    {
        var one = CogState.Of(Nat.Of(1));
        var before = CogMap.Empty.With(new CogId(1), one).With(new CogId(2), one);
        var after = before.With(new CogId(1), CogState.Of(Nat.Of(2))).Without(new CogId(2));
        Assert.Equal([new CogId(1), new CogId(2)], before.Keys);
        Assert.Same(one, before.Find(new CogId(1)));
        Assert.Equal([new CogId(1)], after.Keys);
    }

    [Fact]
    public void Stays_shallow_when_ids_come_in_order()
    {
        const int Count = 100_000;
        var state = CogState.Of(Nat.Of(1));
        var map = CogMap.Empty;
        for (var id = 0ul; id < Count; id++)
            map = map.With(new CogId(id), state);
        Assert.Equal(17, map.Height);
        KeyValuePair<CogId, CogState>[] pairs = [.. map];
        Assert.Equal(17, CogMap.Of(pairs).Height);
        Assert.Equal(pairs, CogMap.Of(pairs));
    }

    private static void CheckSame(SortedDictionary<ulong, CogState> model, CogMap map)
    {
        Assert.Equal(model.Keys, map.Keys.Select(id => id.Number));
        Assert.Equal(model.Values, map.Values);
        Assert.InRange(map.Height, 0, 11);
    }
}

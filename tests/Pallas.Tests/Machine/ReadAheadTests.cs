using Pallas.Machine;
using Xunit;

namespace Pallas.Tests.Machine;

public sealed class ReadAheadTests
{
    [Fact]
    public void Gives_all_items_in_order()
    {
        var items = Enumerable.Range(0, 1000).Select(i => $"{i}").ToArray();
        Assert.Equal(items, ReadAhead.Of(items));
        Assert.Empty(ReadAhead.Of(Array.Empty<string>()));
    }

    [Fact]
    public void An_exception_of_the_source_comes_after_the_items_before_it()
    {
        var taken = new List<string>();
        var error = Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (var item in ReadAhead.Of(Failing()))
                taken.Add(item);
        });
        Assert.Equal("broken", error.Message);
        Assert.Equal(["a", "b"], taken);

        static IEnumerable<string> Failing()
        {
            yield return "a";
            yield return "b";
            throw new InvalidOperationException("broken");
        }
    }

    [Fact]
    public void A_consumer_that_stops_early_ends_the_thread_and_bounds_the_reading()
    {
        var count = 0;
        var isClosed = false;
        Assert.Equal("1", ReadAhead.Of(Endless()).First());
        Assert.True(isClosed);
        Assert.InRange(count, 1, 18);

        IEnumerable<string> Endless()
        {
            try
            {
                while (true)
                    yield return $"{++count}";
            }
            finally
            {
                isClosed = true;
            }
        }
    }
}

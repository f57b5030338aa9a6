using System.Text;
using Pallas.Values;

namespace Pallas.Bench.Machines;

/// <summary>Cogs written as PLAN by hand.</summary>
internal static class BenchCogs
{
    private static readonly Value Next = Row.Of("bench", 0, "next", 0);

    /// <summary><c>(count n extra row event) = count (n + 1) extra row</c>.</summary>
    private static readonly Value Count = Law.Make(
        Nat.OfText("count"), Nat.Of(4), Call(0, Call(Quote(3), 1), 2, 3));

    /// <summary>Counts its events, and holds something besides.</summary>
    public static Value Counter(Value? extra = null) =>
        App.Make(Pin.Make(Count), 0, extra ?? 0, Row.Of(Next));

    /// <summary>The same, and it serves a page over HTTP.</summary>
    public static Value Site()
    {
        var page = App.Make(0, Row.Of(200, Text("OK"), Row.Empty, Text("here")));
        var serve = Law.Make(Nat.OfText("serve"), Nat.Of(1), Quote(page));
        return App.Make(Pin.Make(Count), 0, 0, Row.Of(Next, Row.Of("http", 0, "serv", serve)));
    }

    /// <summary>How often the counter was called.</summary>
    public static ulong CountOf(Value function) => ((SmallNat)((App)function)[0]).Word;

    /// <summary>The other value that the counter holds.</summary>
    public static Value ExtraOf(Value function) => ((App)function)[1];

    private static Bar Text(string text) => Bar.Of(Encoding.UTF8.GetBytes(text));

    private static Value Quote(Value value) => App.Make(2, value);

    private static Value Call(Value function, params Value[] args)
    {
        foreach (var arg in args)
            function = App.Make(0, function, arg);
        return function;
    }
}

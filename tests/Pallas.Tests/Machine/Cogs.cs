using Pallas.Values;

namespace Pallas.Tests.Machine;

/// <summary>Cogs written as PLAN by hand.</summary>
internal static class Cogs
{
    private static readonly Value Self = 0;

    /// <summary>
    /// Remembers every event: <c>(log h row event) = log (0 h event) row</c>, so its requests stay.
    /// </summary>
    public static readonly Value Log =
        Law.Make(Nat.OfText("log"), Nat.Of(3), Call(Self, Call(Quote(0), 1, 3), 2));

    /// <summary>Shows each event as its only request, <c>[%test 0 %say event]</c>.</summary>
    public static readonly Value Echo = Law.Make(
        Nat.OfText("echo"),
        Nat.Of(2),
        Call(Self, RowOf(RowOf(Quote("test"), Quote(0), Quote("say"), 2), Quote(Hear(0)))));

    /// <summary>Crashes with (7, event) at its first event.</summary>
    public static readonly Value Crash =
        Law.Make(Nat.OfText("crash"), Nat.Of(2), Call(Quote(7), 2));

    /// <summary>Never ends its first event.</summary>
    public static readonly Value Spin = Law.Make(Nat.OfText("spin"), Nat.Of(2), Call(Self, 1, 2));

    /// <summary>Asks for nothing more after its first event.</summary>
    public static readonly Value Once = Law.Make(
        Nat.OfText("once"), Nat.Of(2), Call(Self, Quote(Row.Empty)));

    /// <summary>Shows one row after another, an event between each; remembers all events.</summary>
    public static Value Steps(params Row[] rows)
    {
        var step = Log;
        foreach (var row in rows.Skip(1).Reverse())
        {
            step = Law.Make(
                Nat.OfText("step"),
                Nat.Of(3),
                Call(Quote(step), Call(Quote(0), 1, 3), Quote(row)));
        }
        return App.Make(step, 0, rows[0]);
    }

    /// <summary>
    /// The request to hear from the test device, apart from others by its number.
    /// </summary>
    public static Row Hear(int number) => Row.Of("test", 0, "hear", number);

    public static Row Say(Value what) => Row.Of("test", 0, "say", what);

    public static Value LogOf(params Value[] requests) => App.Make(Log, 0, Row.Of(requests));

    internal static Value Call(Value function, params Value[] args)
    {
        foreach (var arg in args)
            function = App.Make(0, function, arg);
        return function;
    }

    internal static Value Quote(Value value) => App.Make(2, value);

    /// <summary>An expression for a row: the constructor takes the last element first.</summary>
    internal static Value RowOf(params Value[] items) => Call(
        Quote(Law.Make(Nat.Zero, Nat.Of((ulong)items.Length + 1), Nat.Zero)),
        [.. items.Reverse()]);
}

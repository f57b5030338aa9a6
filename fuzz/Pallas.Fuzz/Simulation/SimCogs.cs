using Pallas.Values;

namespace Pallas.Fuzz.Simulation;

/// <summary>The cogs of simulated machines, written as PLAN by hand.</summary>
/// <remarks>
/// Each keeps all its events, as <c>(0 h event)</c> on top of the history h before: so what it went
/// through can be read off its state.
/// </remarks>
internal static class SimCogs
{
    /// <summary>Ids of messages count from here, so that no other answer looks like one.</summary>
    public const ulong FirstMessage = 1UL << 40;

    private const ulong LastMessage = FirstMessage + (1UL << 30);

    private static readonly Value Self = 0;

    /// <summary>
    /// <c>(log h row event) = log (0 h event) row</c>: the same requests for ever.
    /// </summary>
    private static readonly Value Log = Law.Make(
        Nat.OfText("log"), Nat.Of(3), Call(Self, Call(Quote(0), 1, 3), 2));

    /// <summary><c>(const x y) = x</c>.</summary>
    private static readonly Value Const = Law.Make(Nat.OfText("const"), Nat.Of(2), 1);

    /// <summary>Crashes with (7, event) at its first event.</summary>
    private static readonly Value Crash = Law.Make(
        Nat.OfText("crash"), Nat.Of(2), Call(Quote(7), 2));

    /// <summary>Never ends its first event.</summary>
    private static readonly Value Spin = Law.Make(
        Nat.OfText("spin"), Nat.Of(2), Call(Self, 1, 2));

    /// <summary>Asks for nothing more after its first event.</summary>
    private static readonly Value Once = Law.Make(
        Nat.OfText("once"), Nat.Of(2), Call(Self, Quote(Row.Empty)));

    /// <summary>Tells <c>[to asker, to teller] = [(asker message), message]</c>.</summary>
    private static readonly Value Teller = Law.Make(
        Nat.OfText("tell"), Nat.Of(2), RowOf(Call(Quote(0), 1, 2), 2));

    /// <summary>
    /// Takes a message, acknowledges it, takes the next: <c>(ledger f h row event)</c> is
    /// <c>ledger 1 (0 h event) [give event]</c> where f is 0, and otherwise
    /// <c>ledger 0 (0 h event) [take]</c>.
    /// </summary>
    public static Value Ledger(int channel)
    {
        var more = Call(Self, Quote(1), Call(Quote(0), 2, 4), RowOf(Give(channel, 4)));
        var next = Call(
            Self, Quote(0), Call(Quote(0), 2, 4), Quote(Row.Of(Take(channel))));
        var law = Law.Make(
            Nat.OfText("ledger"), Nat.Of(4),
            Call(Quote(2), more, Call(Quote(Const), next), 1));
        return App.Make(law, 0, 0, Row.Of(Take(channel)));
    }

    /// <summary>
    /// Takes several messages at a time and acknowledges those of its last event, unless the next
    /// event comes first: <c>(stream h row event) = stream (0 h event) [give event, take..]</c>.
    /// </summary>
    public static Value Stream(int channel, int takesCount)
    {
        var takes = Enumerable.Range(0, takesCount).Select(i => Take(channel, i)).ToArray();
        var law = Law.Make(
            Nat.OfText("stream"), Nat.Of(3),
            Call(
                Self,
                Call(Quote(0), 1, 3),
                RowOf([Give(channel, 3), .. takes.Select(take => Quote(take))])));
        return App.Make(law, 0, Row.Of([0, .. takes]));
    }

    /// <summary>
    /// Shows row after row, an event between each, and begins again after the last:
    /// <c>(step first h row event) = next first (0 h event) (next row)</c>.
    /// </summary>
    public static Value Circle(Row[] rows)
    {
        // (last first h row event) = first first (0 h event) (first row)
        var step = Law.Make(
            Nat.OfText("last"), Nat.Of(4),
            Call(1, 1, Call(Quote(0), 2, 4), Quote(rows[0])));
        foreach (var row in rows.Skip(1).Reverse())
        {
            step = Law.Make(
                Nat.OfText("step"), Nat.Of(4),
                Call(Quote(step), 1, Call(Quote(0), 2, 4), Quote(row)));
        }
        return App.Make(step, step, 0, rows[0]);
    }

    /// <summary>A message to a cog: the id, or the id and a pin.</summary>
    public static Value Message(ulong id, RandomStream random) => random.OneIn(2)
        ? id
        : Row.Of(id, Pin.Make(Row.Of(id, Pin.Make(Bar.Of(random.Bytes(random.Skewed(300)))))));

    /// <summary>The id of a message, or null for another answer.</summary>
    public static ulong? MessageOf(Value answer) =>
        (answer is Row { Count: 2 } both ? both[0] : answer)
            is SmallNat { Word: >= FirstMessage and <= LastMessage } id ? id.Word : null;

    /// <summary>The ids of the messages in an event.</summary>
    public static IEnumerable<ulong> MessagesIn(Tab @event)
    {
        for (var i = 0; i < @event.Count; i++)
        {
            if (MessageOf(@event.ValueAt(i)) is { } id)
                yield return id;
        }
    }

    /// <summary>
    /// The events that a cog kept, the first one first, or null for a cog that keeps none: its
    /// history is the last argument but one.
    /// </summary>
    public static IReadOnlyList<Tab>? HistoryOf(Value? function)
    {
        if (function is not App { Count: > 1 } cog)
            return null;
        var events = new List<Tab>();
        var history = cog[cog.Count - 2];
        while (history is App { Count: 2, Head: Nat { IsZero: true } } link && link[1] is Tab last)
        {
            events.Add(last);
            history = link[0];
        }
        events.Reverse();
        return history is Nat { IsZero: true } ? events : null;
    }

    /// <summary>A row of requests of all kinds, of a cog among those of some ids.</summary>
    public static Row AnyRow(RandomStream random, SimWorkload workload)
    {
        var requests = new Value[random.Between(1, 5)];
        for (var i = 0; i < requests.Length; i++)
            requests[i] = AnyRequest(random, workload);
        return Row.Of([.. requests, Take(workload.RandomChannel(random))]);
    }

    private static Value AnyRequest(RandomStream random, SimWorkload workload)
    {
        var cog = workload.AnyCog(random);
        var child = Row.Of(Take(workload.RandomChannel(random)), AnyWait(random, workload));
        return random.Below(20) switch
        {
            0 => 0,
            1 => Row.Of("cog", "who"),
            2 => Row.Of("cog", "spin", App.Make(Once, child)),
            3 => Row.Of("cog", "spin", App.Make(Crash, child)),
            4 => Row.Of("cog", "spin", App.Make(Log, 0, child)),
            5 or 6 => Row.Of("cog", "ask", cog, 1, "question"),
            7 or 8 => Row.Of("cog", "tell", 1, random.OneIn(9) ? 7 : Teller),
            9 => Row.Of("cog", "reap", cog),
            10 => Row.Of("cog", "stop", workload.AnyMortal(random)),
            11 => Row.Of("cog", "wait", cog),
            12 => Row.Of("eval", 5, 3, random.Below(9)),
            13 => Row.Of("eval", 5, 7, "boom"),
            14 when workload.MayTimeOut => random.OneIn(2)
                ? Row.Of("eval", 1, Spin, 1, 2)
                : Row.Of("cog", "spin", App.Make(Spin, child)),
            15 => Row.Of("rand", 0, "byte", random.Below(40)),
            16 => Row.Of("time", 0, "when"),
            17 => Row.Of("net", 1, "say", random.Below(99)),
            18 => Eval(random),
            _ => AnyWait(random, workload),
        };
    }

    /// <summary>An evaluation whose value refers to a pin.</summary>
    public static Row Eval(RandomStream random) =>
        Row.Of("eval", 5, Pinned(random), random.Below(9));

    private static Row AnyWait(RandomStream random, SimWorkload workload) =>
        Row.Of("time", 0, "wait", workload.StartSecond + (ulong)random.Skewed(300));

    /// <summary>A pin that makes a constant. Results and messages refer to it.</summary>
    private static Pin Pinned(RandomStream random) =>
        Pin.Make(App.Make(Const, Pin.Make(Bar.Of(random.Bytes(random.Skewed(900))))));

    private static Row Take(int channel, int number = 0) =>
        Row.Of("net", 0, "take", channel, number);

    /// <summary>An expression for the request to acknowledge the messages of an event.</summary>
    private static Value Give(int channel, Value @event) => RowOf(
        Quote("net"), Quote(0), Quote("give"), Quote(channel), @event);

    private static Value Call(Value function, params Value[] args)
    {
        foreach (var arg in args)
            function = App.Make(0, function, arg);
        return function;
    }

    private static Value Quote(Value value) => App.Make(2, value);

    /// <summary>An expression for a row: the constructor takes the last element first.</summary>
    private static Value RowOf(params Value[] items) => Call(
        Quote(Law.Make(Nat.Zero, Nat.Of((ulong)items.Length + 1), Nat.Zero)),
        [.. items.Reverse()]);
}

/// <summary>Which cogs a machine begins with, and what they may ask for.</summary>
internal sealed class SimWorkload
{
    private readonly int ledgersCount;
    private readonly int othersCount;

    /// <param name="startSecond">The time when the first life begins.</param>
    public SimWorkload(RandomStream random, ulong startSecond)
    {
        StartSecond = startSecond;
        MayTimeOut = random.OneIn(8);
        ledgersCount = random.Between(1, 3);
        othersCount = random.Below(4);
        for (var i = 0; i < ledgersCount; i++)
        {
            Functions.Add(random.OneIn(3)
                ? SimCogs.Stream(i, random.Between(1, 4))
                : SimCogs.Ledger(i));
        }
        for (var i = 0; i < othersCount; i++)
        {
            var rows = new Row[random.Between(1, 7)];
            for (var j = 0; j < rows.Length; j++)
                rows[j] = SimCogs.AnyRow(random, this);
            Functions.Add(SimCogs.Circle(rows));
        }
    }

    /// <summary>The cogs, numbered from 1; the first are those that acknowledge.</summary>
    public List<Value> Functions { get; } = [];

    public int LedgersCount => ledgersCount;

    public ulong StartSecond { get; }

    /// <summary>Some events never end: they cost the most time by far.</summary>
    public bool MayTimeOut { get; }

    /// <summary>Channels of cogs that acknowledge, then one for each other.</summary>
    public int ChannelsCount => ledgersCount + 2;

    /// <summary>A channel without clients.</summary>
    public int RandomChannel(RandomStream random) => ledgersCount + random.Below(2);

    /// <summary>A cog that may be there, or come.</summary>
    public ulong AnyCog(RandomStream random) => random.OneIn(2)
        ? (ulong)random.Between(1, ledgersCount + othersCount + 1)
        : AnyMortal(random);

    /// <summary>The same, not one of those that acknowledge.</summary>
    public ulong AnyMortal(RandomStream random) => random.OneIn(4)
        ? (ulong)random.Between(ledgersCount + 1, ledgersCount + othersCount + 1)
        : 100 + (ulong)random.Below(8);
}

using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Devices;

/// <summary>Hands values from outside to cogs, under a path.</summary>
/// <remarks>
/// A path is a row of texts. The oldest request of a cog for a path gets the next value. A value
/// waits until a cog asks for it.
/// </remarks>
public sealed class PokeDevice : IDevice
{
    private static readonly CallShape[] Shapes =
    [
        new("poke", "path", CallKind.TakesIn, "the next value poked at this path"),
    ];

    private readonly Lock gate = new();
    private readonly Dictionary<(CogId Cog, string Path), Place> places = [];

    /// <summary>The pokes by the calls that they answer, until their events are durable.</summary>
    private readonly Dictionary<DeviceCall, Poke> given = [];

    public string Name => "poke";

    public IReadOnlyList<CallShape> Calls => Shapes;

    public CallKind KindOf(ReadOnlySpan<Value> args) =>
        args.Length == 2 && CallShapes.NameOf(args) == "poke" && PathOf(args[1]) is not null
            ? CallKind.TakesIn
            : CallKind.Unknown;

    public Action? Start(DeviceCall call)
    {
        var key = (call.Cog, PathOf(call.Args[1])!);
        lock (gate)
        {
            var place = PlaceOf(key);
            place.Asking.AddLast(call);
            Match(key, place);
        }
        return () => Cancel(key, call);
    }

    public void Confirm(DeviceCall call)
    {
        lock (gate)
        {
            if (given.Remove(call, out var poke))
                poke.Durable.TrySetResult();
        }
    }

    /// <summary>Hands a value to a cog once it asks for one at the path.</summary>
    /// <param name="value">In normal form.</param>
    /// <returns>Completes when the event that took the value is durable; cancelling before that
    /// withdraws it.</returns>
    public async Task Submit(
        CogId cog, IEnumerable<string> path, Value value, CancellationToken cancel)
    {
        var key = (cog, KeyOf(path));
        var poke = new Poke(value);
        lock (gate)
        {
            var place = PlaceOf(key);
            place.Pokes.AddLast(poke);
            Match(key, place);
        }
        try
        {
            await poke.Durable.Task.WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (gate)
            {
                if (places.TryGetValue(key, out var place) && place.Pokes.Remove(poke))
                    Match(key, place);
            }
            throw;
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var poke in places.Values.SelectMany(place => place.Pokes))
                poke.Durable.TrySetCanceled();
            places.Clear();
        }
    }

    private static string? PathOf(Value value)
    {
        if (value is not Row row)
            return null;
        var parts = new List<string>();
        foreach (var part in row.ToArray())
        {
            if ((part as Nat)?.ToText() is not { } text)
                return null;
            parts.Add(text);
        }
        return KeyOf(parts);
    }

    private static string KeyOf(IEnumerable<string> path) =>
        string.Join('/', path.Select(part => part.Replace("%", "%25").Replace("/", "%2F")));

    private Place PlaceOf((CogId Cog, string Path) key)
    {
        if (!places.TryGetValue(key, out var place))
            places.Add(key, place = new Place());
        return place;
    }

    private void Match((CogId Cog, string Path) key, Place place)
    {
        while (place.Asking.First is { Value: var call }
            && place.Pokes.First is { Value: var poke })
        {
            place.Asking.RemoveFirst();
            place.Pokes.RemoveFirst();
            given.Add(call, poke);
            call.Answer(poke.Value, confirm: true);
        }
        if (place.Asking.Count == 0 && place.Pokes.Count == 0)
            places.Remove(key);
    }

    /// <summary>A poke that its cog has not taken goes to the next call.</summary>
    private void Cancel((CogId Cog, string Path) key, DeviceCall call)
    {
        lock (gate)
        {
            var place = PlaceOf(key);
            if (!place.Asking.Remove(call) && given.Remove(call, out var poke))
                place.Pokes.AddFirst(poke);
            Match(key, place);
        }
    }

    private sealed class Place
    {
        public LinkedList<DeviceCall> Asking { get; } = [];

        public LinkedList<Poke> Pokes { get; } = [];
    }

    private sealed class Poke(Value value)
    {
        public Value Value { get; } = value;

        public TaskCompletionSource Durable { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

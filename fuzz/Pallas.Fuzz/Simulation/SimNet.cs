using Pallas.Machine;
using Pallas.Machine.Devices;
using Pallas.Values;

namespace Pallas.Fuzz.Simulation;

/// <summary>
/// The network and the clients behind it. A client sends a message with an id of its own, waits
/// for the acknowledgement or for the end of the connection, and never sends the same id again.
/// </summary>
internal sealed class SimNet(RandomStream random, FaultCounts counts, int channelsCount)
{
    private const int ClientsPerChannel = 2;

    private readonly List<(int Channel, ulong Id)> toMachine = [];
    private readonly List<ulong> toClients = [];
    private readonly HashSet<ulong> awaited = [];
    private ulong nextId = SimCogs.FirstMessage;
    private SimDevice? device;

    /// <summary>The ids of messages whose acknowledgement has reached its client.</summary>
    public HashSet<ulong> Acknowledged { get; } = [];

    public int SentCount => (int)(nextId - SimCogs.FirstMessage);

    /// <summary>Something is under way.</summary>
    public bool IsBusy => toMachine.Count + toClients.Count > 0;

    /// <summary>A device for one life of the machine.</summary>
    /// <param name="check">Called for each effect, before it is seen.</param>
    public SimDevice Connect(Action<CogId, Value> check) =>
        device = new SimDevice(random, check, channelsCount, Give);

    /// <summary>The machine is gone, and with it every connection.</summary>
    public void Break()
    {
        device = null;
        toMachine.Clear();
        awaited.Clear();
        if (random.OneIn(2))
            toClients.Clear();
    }

    /// <summary>Some client sends, unless all of them wait.</summary>
    public void Send()
    {
        if (awaited.Count >= ClientsPerChannel * channelsCount)
            return;
        awaited.Add(nextId);
        toMachine.Add((random.Below(channelsCount), nextId++));
    }

    /// <summary>Something that is under way arrives, or its connection breaks.</summary>
    public void Deliver()
    {
        var at = random.Below(toMachine.Count + toClients.Count);
        var isLost = random.OneIn(20);
        if (isLost)
            counts.Add(FaultKind.ConnectionLost);
        if (at < toMachine.Count)
        {
            var (channel, id) = toMachine[at];
            toMachine.RemoveAt(at);
            if (isLost)
                awaited.Remove(id);
            else
                device?.Receive(channel, id);
            return;
        }
        var acknowledged = toClients[at - toMachine.Count];
        toClients.RemoveAt(at - toMachine.Count);
        awaited.Remove(acknowledged);
        if (!isLost)
            Acknowledged.Add(acknowledged);
    }

    /// <summary>Clients leave if no cog took their message.</summary>
    public void GiveUp() => awaited.Clear();

    private void Give(Value value)
    {
        if (value is Tab tab)
            toClients.AddRange(SimCogs.MessagesIn(tab));
    }
}

/// <summary>
/// <c>[%net 0 %take c n]</c> answers the next message of a channel; <c>[%net 0 %give c x]</c>
/// acknowledges every message in x; <c>[%net 0 %say x]</c> is an effect and no more.
/// </summary>
internal sealed class SimDevice : IDevice
{
    private readonly RandomStream random;
    private readonly Action<CogId, Value> check;
    private readonly Action<Value> give;
    private readonly Queue<ulong>[] inboxes;
    private readonly List<DeviceCall>[] takes;

    public SimDevice(
        RandomStream random, Action<CogId, Value> check, int channelsCount, Action<Value> give)
    {
        this.random = random;
        this.check = check;
        this.give = give;
        inboxes = [.. Enumerable.Range(0, channelsCount).Select(_ => new Queue<ulong>())];
        takes = [.. Enumerable.Range(0, channelsCount).Select(_ => new List<DeviceCall>())];
    }

    public string Name => "net";

    public CallKind KindOf(ReadOnlySpan<Value> args) => (NameOf(args), args.Length) switch
    {
        ("take", 3) when args[1] is SmallNat channel && channel.Word < (ulong)inboxes.Length =>
            CallKind.TakesIn,
        ("give", 3) or ("say", 2) => CallKind.Acts,
        _ => CallKind.Unknown,
    };

    public Action? Start(DeviceCall call)
    {
        if (NameOf(call.Args) == "take")
            return Take(call, (int)((SmallNat)call.Args[1]).Word);
        check(call.Cog, Row.Of([.. call.Args]));
        if (NameOf(call.Args) == "give")
            give(call.Args[2]);
        call.Answer(0);
        return null;
    }

    public void Receive(int channel, ulong id)
    {
        inboxes[channel].Enqueue(id);
        HandOver(channel);
    }

    public void Dispose()
    {
    }

    private static string? NameOf(ReadOnlySpan<Value> args) =>
        args.IsEmpty ? null : (args[0] as Nat)?.ToText();

    private Action Take(DeviceCall call, int channel)
    {
        takes[channel].Add(call);
        HandOver(channel);
        return () => takes[channel].Remove(call);
    }

    private void HandOver(int channel)
    {
        if (takes[channel].Count == 0 || !inboxes[channel].TryDequeue(out var id))
            return;
        var call = takes[channel][0];
        takes[channel].RemoveAt(0);
        call.Answer(SimCogs.Message(id, random));
    }
}

using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Devices.Sockets;

/// <summary>Connections by their handles, and the calls that wait for new ones.</summary>
/// <remarks>
/// A connection from outside goes to the oldest waiting call; without one it waits, within limits.
/// A connection whose call is cancelled goes to the next call. Handles begin at a random number, so
/// a handle of an earlier run of the machine is almost certainly unknown.
/// </remarks>
internal sealed class ConnectionTable
{
    private readonly Lock gate = new();
    private readonly MachineContext context;
    private readonly NetworkOptions limits;
    private readonly ConnectionAnswers answers;
    private readonly SortedDictionary<ulong, Entry> entries = [];
    private readonly LinkedList<Opening> openings = [];
    private readonly LinkedList<Entry> waiting = [];
    private ulong nextHandle;
    private bool isDrawn;
    private bool isClosed;

    public ConnectionTable(
        MachineContext context, NetworkOptions limits, ConnectionAnswers answers)
    {
        this.limits = limits;
        this.context = context;
        this.answers = answers;
        Budget = new ByteBudget(limits.BodyBytesMax);
    }

    /// <summary>The budget of all messages that are being received.</summary>
    public ByteBudget Budget { get; }

    /// <summary>Answers with the next connection that comes from outside.</summary>
    public Action Open(DeviceCall call)
    {
        var opening = new Opening(call);
        lock (gate)
        {
            openings.AddLast(opening);
            Match();
        }
        return () => Cancel(opening);
    }

    /// <summary>Adds a connection from outside, or closes it if there is no room.</summary>
    /// <param name="answer">Makes the answer of an open from the handle.</param>
    /// <returns>Completes when the connection is closed on both sides.</returns>
    public Task AddWaiting(IChannel channel, Func<ulong, Value> answer)
    {
        lock (gate)
        {
            if (waiting.Count >= limits.WaitingMax || Make(channel) is not { } entry)
            {
                channel.Dispose();
                return Task.CompletedTask;
            }
            entry.Answer = answer(entry.Handle);
            waiting.AddLast(entry);
            Match();
            if (entry.Owner is null)
                _ = GiveUp(entry);
            return entry.Connection.Closed;
        }
    }

    /// <summary>Adds a connection that a cog has made; null if there is no room.</summary>
    public ulong? Add(IChannel channel, CogId owner)
    {
        lock (gate)
        {
            if (Make(channel) is not { } entry)
            {
                channel.Dispose();
                return null;
            }
            entry.Owner = owner;
            entry.Connection.Open();
            return entry.Handle;
        }
    }

    /// <summary>The connection of a handle, which now belongs to the cog that asks.</summary>
    public Connection? Find(Value handle, CogId cog)
    {
        lock (gate)
        {
            if (handle is not SmallNat small || !entries.TryGetValue(small.Word, out var entry)
                || entry.Owner is null)
            {
                return null;
            }
            entry.Owner = cog;
            return entry.Connection;
        }
    }

    /// <summary>Whether there was such a connection.</summary>
    public bool Shut(Value handle)
    {
        Entry? entry;
        lock (gate)
        {
            if (handle is not SmallNat small || !entries.Remove(small.Word, out entry))
                return false;
        }
        entry.Connection.Shut();
        return true;
    }

    /// <summary>Shuts the connections of a cog that has ended.</summary>
    public void Forget(CogId cog)
    {
        foreach (var entry in Take(entry => entry.Owner == cog))
            entry.Connection.Shut();
    }

    /// <summary>Shuts all connections and accepts no more.</summary>
    public Task Close()
    {
        lock (gate)
            isClosed = true;
        var all = Take(_ => true);
        foreach (var entry in all)
            entry.Connection.Shut();
        return Task.WhenAll(all.Select(entry => entry.Connection.Closed));
    }

    private Entry[] Take(Func<Entry, bool> which)
    {
        lock (gate)
        {
            Entry[] taken = [.. entries.Values.Where(which)];
            foreach (var entry in taken)
            {
                entries.Remove(entry.Handle);
                waiting.Remove(entry);
            }
            return taken;
        }
    }

    private Entry? Make(IChannel channel)
    {
        if (isClosed)
            return null;
        if (entries.Count >= limits.ConnectionsMax)
        {
            if (FindVictim() is not { } victim)
                return null;
            entries.Remove(victim.Handle);
            waiting.Remove(victim);
            victim.Connection.Evict();
        }
        if (!isDrawn)
        {
            var start = new byte[sizeof(ulong)];
            context.FillRandom(start);
            nextHandle = BitConverter.ToUInt64(start) >> 16;
            isDrawn = true;
        }
        var connection = new Connection(channel, limits, context.Time, answers);
        var entry = new Entry(nextHandle++, connection);
        entries.Add(entry.Handle, entry);
        Invariant.Check(
            entries.Count <= limits.ConnectionsMax,
            $"{entries.Count} connections are open, of {limits.ConnectionsMax}");
        return entry;
    }

    /// <summary>The connection to evict: one that has ended and was not shut, else the one that has
    /// been silent longest, if for long. So clients that only hold connections cannot lock others
    /// out.</summary>
    private Entry? FindVictim()
    {
        if (entries.Values.FirstOrDefault(entry => entry.Connection.IsEnded) is { } ended)
            return ended;
        var silent = entries.Values.MaxBy(entry => entry.Connection.Silence);
        return silent?.Connection.Silence >= limits.SilenceTimeMin ? silent : null;
    }

    private void Match()
    {
        while (openings.First is { Value: var opening } && waiting.First is { Value: var entry })
        {
            openings.RemoveFirst();
            waiting.RemoveFirst();
            Invariant.Check(entry.Owner is null, "a waiting connection has no owner");
            entry.Owner = opening.Call.Cog;
            opening.Given = entry;
            entry.Connection.Open();
            opening.Call.Answer(entry.Answer!);
        }
    }

    private async Task GiveUp(Entry entry)
    {
        await Task.Delay(limits.WaitTimeMax, context.Time).ConfigureAwait(false);
        lock (gate)
        {
            if (!waiting.Remove(entry))
                return;
            entries.Remove(entry.Handle);
        }
        entry.Connection.Shut();
    }

    private void Cancel(Opening opening)
    {
        lock (gate)
        {
            if (openings.Remove(opening) || opening.Given is not { } entry
                || !entries.ContainsKey(entry.Handle))
            {
                return;
            }
            entry.Owner = null;
            waiting.AddFirst(entry);
            Match();
            if (entry.Owner is null)
                _ = GiveUp(entry);
        }
    }

    private sealed class Entry(ulong handle, Connection connection)
    {
        public ulong Handle { get; } = handle;

        public Connection Connection { get; } = connection;

        /// <summary>Null while it waits for a cog.</summary>
        public CogId? Owner { get; set; }

        public Value? Answer { get; set; }
    }

    private sealed class Opening(DeviceCall call)
    {
        public DeviceCall Call { get; } = call;

        public Entry? Given { get; set; }
    }
}

using Pallas.Values;

namespace Pallas.Machine.Devices;

/// <summary>Connections by their handles, and who waits for new ones.</summary>
/// <remarks>
/// A connection from outside goes to the cog that has waited longest; while none waits, it waits,
/// within limits. One that was given and not taken goes to the next. Handles begin at a number
/// drawn at random, so that one of an earlier run of the machine is, to all likelihood, unknown.
/// </remarks>
internal sealed class ConnectionTable
{
    private readonly Lock gate = new();
    private readonly MachineOptions options;
    private readonly ConnectionAnswers answers;
    private readonly SortedDictionary<ulong, Entry> entries = [];
    private readonly LinkedList<Opening> openings = [];
    private readonly LinkedList<Entry> waiting = [];
    private ulong nextHandle;
    private bool isDrawn;
    private bool isClosed;

    public ConnectionTable(MachineOptions options, ConnectionAnswers answers)
    {
        this.options = options;
        this.answers = answers;
        Budget = new ByteBudget(options.Sockets.BodyBytesMax);
    }

    /// <summary>What the messages that are being received may take together.</summary>
    public ByteBudget Budget { get; }

    private SocketLimits Limits => options.Sockets;

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

    /// <summary>Takes a connection that came from outside; it is closed where there is no room.
    /// </summary>
    /// <param name="answer">Makes what an open is answered from the handle.</param>
    /// <returns>Ends when nothing of the connection is left open.</returns>
    public Task AddWaiting(IChannel channel, Func<ulong, Value> answer)
    {
        lock (gate)
        {
            if (waiting.Count >= Limits.WaitingMax || Make(channel) is not { } entry)
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

    /// <summary>Takes a connection that a cog has made; null where there is no room.</summary>
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

    /// <summary>Whether there was such a connection to shut.</summary>
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

    /// <summary>Shuts all and takes no more.</summary>
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
        if (entries.Count >= Limits.ConnectionsMax)
        {
            if (FindLeastUseful() is not { } least)
                return null;
            entries.Remove(least.Handle);
            waiting.Remove(least);
            least.Connection.Leave();
        }
        if (!isDrawn)
        {
            var start = new byte[sizeof(ulong)];
            options.FillRandom(start);
            nextHandle = BitConverter.ToUInt64(start) >> 16;
            isDrawn = true;
        }
        var entry = new Entry(nextHandle++, new Connection(channel, Limits, answers));
        entries.Add(entry.Handle, entry);
        return entry;
    }

    /// <summary>
    /// What has ended and was not shut makes room for what lives; else what has been silent for
    /// longest, if for long: those who only hold connections shut nobody out for ever.
    /// </summary>
    private Entry? FindLeastUseful()
    {
        if (entries.Values.FirstOrDefault(entry => entry.Connection.IsEnded) is { } ended)
            return ended;
        var silent = entries.Values.MaxBy(entry => entry.Connection.Silence);
        return silent?.Connection.Silence >= Limits.SilenceTimeMin ? silent : null;
    }

    private void Match()
    {
        while (openings.First is { Value: var opening } && waiting.First is { Value: var entry })
        {
            openings.RemoveFirst();
            waiting.RemoveFirst();
            entry.Owner = opening.Call.Cog;
            opening.Given = entry;
            entry.Connection.Open();
            opening.Call.Answer(entry.Answer!);
        }
    }

    private async Task GiveUp(Entry entry)
    {
        await Task.Delay(Limits.WaitTimeMax, options.Time).ConfigureAwait(false);
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

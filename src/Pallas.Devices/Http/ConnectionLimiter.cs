using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Pallas.Values;

namespace Pallas.Devices.Http;

/// <summary>Bounds the number of a site's connections.</summary>
/// <remarks>
/// When all slots are taken, a new connection evicts the one that has been silent longest: that has
/// sent no complete head since it came or since its last answer, or else that is sending a body. So
/// clients that are silent, or slow on purpose, cannot lock others out. A connection that waits for
/// an answer keeps its slot.
/// </remarks>
internal sealed class ConnectionLimiter(int connectionsMax)
{
    private readonly Lock gate = new();
    private readonly LinkedList<Slot> silent = [];
    private readonly LinkedList<Slot> sending = [];
    private int count;

    /// <summary>Serves a connection while it has a slot.</summary>
    public async Task Serve(ConnectionContext connection, ConnectionDelegate next)
    {
        var slot = new Slot(this, connection);
        if (!TryEnter(slot, out var gone))
            return;
        gone?.Connection.Abort(new ConnectionAbortedException("others need its place"));
        connection.Features.Set(slot);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            slot.Leave();
        }
    }

    /// <summary>The slot of a request's connection.</summary>
    public static Slot SlotOf(IFeatureCollection features) =>
        features.GetRequiredFeature<Slot>();

    private bool TryEnter(Slot slot, out Slot? gone)
    {
        gone = null;
        lock (gate)
        {
            if (count >= connectionsMax)
            {
                gone = silent.First?.Value ?? sending.First?.Value;
                if (gone is null)
                    return false;
                Remove(gone);
            }
            count++;
            slot.IsTaken = true;
            slot.List = silent;
            silent.AddLast(slot.Node);
            Invariant.Check(
                count <= connectionsMax, $"{count} connections have slots, of {connectionsMax}");
            return true;
        }
    }

    private void Move(Slot slot, LinkedList<Slot>? list)
    {
        lock (gate)
        {
            if (!slot.IsTaken)
                return;
            slot.List?.Remove(slot.Node);
            slot.List = list;
            list?.AddLast(slot.Node);
        }
    }

    private void Remove(Slot slot)
    {
        if (!slot.IsTaken)
            return;
        slot.IsTaken = false;
        slot.List?.Remove(slot.Node);
        slot.List = null;
        count--;
        Invariant.Check(count >= 0, $"{count} connections have slots");
    }

    /// <summary>The slot of one connection. The lock guards it.</summary>
    internal sealed class Slot
    {
        private readonly ConnectionLimiter all;

        public Slot(ConnectionLimiter all, ConnectionContext connection)
        {
            this.all = all;
            Connection = connection;
            Node = new LinkedListNode<Slot>(this);
        }

        public ConnectionContext Connection { get; }

        public LinkedListNode<Slot> Node { get; }

        /// <summary>Null while the connection waits for an answer.</summary>
        public LinkedList<Slot>? List { get; set; }

        public bool IsTaken { get; set; }

        /// <summary>The head of a request has arrived.</summary>
        public void BeginBody() => all.Move(this, all.sending);

        /// <summary>The request has arrived.</summary>
        public void BeginAnswer() => all.Move(this, null);

        /// <summary>The request was answered.</summary>
        public void EndAnswer() => all.Move(this, all.silent);

        /// <summary>The connection is counted elsewhere, or has ended.</summary>
        public void Leave()
        {
            lock (all.gate)
                all.Remove(this);
        }
    }
}

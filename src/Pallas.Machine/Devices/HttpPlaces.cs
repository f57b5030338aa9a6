using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Pallas.Machine.Devices;

/// <summary>The connections of a site, within a bound.</summary>
/// <remarks>
/// When all places are taken, a new connection gets that of the one that has kept it for nothing
/// for longest: has sent no whole head since it came or was last answered, or else is sending a
/// body. So clients that are silent, or slow on purpose, cannot shut others out. Those that wait
/// for an answer keep their places.
/// </remarks>
internal sealed class HttpPlaces(int connectionsMax)
{
    private readonly Lock gate = new();
    private readonly LinkedList<Place> silent = [];
    private readonly LinkedList<Place> sending = [];
    private int count;

    /// <summary>Serves a connection as long as it has a place.</summary>
    public async Task Serve(ConnectionContext connection, ConnectionDelegate next)
    {
        var place = new Place(this, connection);
        if (!TryEnter(place, out var gone))
            return;
        gone?.Connection.Abort(new ConnectionAbortedException("others need its place"));
        connection.Features.Set(place);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            place.Leave();
        }
    }

    /// <summary>The place of the connection that a request came on.</summary>
    public static Place Of(IFeatureCollection features) =>
        features.GetRequiredFeature<Place>();

    private bool TryEnter(Place place, out Place? gone)
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
            place.IsTaken = true;
            place.List = silent;
            silent.AddLast(place.Node);
            return true;
        }
    }

    private void Move(Place place, LinkedList<Place>? list)
    {
        lock (gate)
        {
            if (!place.IsTaken)
                return;
            place.List?.Remove(place.Node);
            place.List = list;
            list?.AddLast(place.Node);
        }
    }

    private void Remove(Place place)
    {
        if (!place.IsTaken)
            return;
        place.IsTaken = false;
        place.List?.Remove(place.Node);
        place.List = null;
        count--;
    }

    /// <summary>That of one connection. Guarded by the gate.</summary>
    internal sealed class Place
    {
        private readonly HttpPlaces all;

        public Place(HttpPlaces all, ConnectionContext connection)
        {
            this.all = all;
            Connection = connection;
            Node = new LinkedListNode<Place>(this);
        }

        public ConnectionContext Connection { get; }

        public LinkedListNode<Place> Node { get; }

        /// <summary>Null while it waits for an answer.</summary>
        public LinkedList<Place>? List { get; set; }

        public bool IsTaken { get; set; }

        /// <summary>The head of a request is there.</summary>
        public void BeginBody() => all.Move(this, all.sending);

        /// <summary>The request is there.</summary>
        public void BeginAnswer() => all.Move(this, null);

        /// <summary>It was answered.</summary>
        public void EndAnswer() => all.Move(this, all.silent);

        /// <summary>It is counted elsewhere, or has ended.</summary>
        public void Leave()
        {
            lock (all.gate)
                all.Remove(this);
        }
    }
}

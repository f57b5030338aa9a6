using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Devices.Http;

/// <summary>The requests that a site's function leaves to its cog: hears take them, echoes answer
/// them, holds wait for their end.</summary>
/// <remarks>
/// Each hear takes one request, both in the order in which they came. A request whose hear is
/// cancelled goes to the next hear. The numbers of requests begin at a random number, so an echo
/// that is issued again after a restart almost certainly answers no other request.
/// </remarks>
internal sealed class HttpExchangeTable
{
    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private readonly LinkedList<Hear> hears = [];
    private readonly LinkedList<HttpExchange> waiting = [];
    private readonly Dictionary<ulong, HttpExchange> live = [];
    private ulong nextId;

    public HttpExchangeTable(MachineContext context)
    {
        clock = context.Time;
        var start = new byte[sizeof(ulong)];
        context.FillRandom(start);
        nextId = BitConverter.ToUInt64(start) >> 16;
    }

    /// <summary>Answers with the next request.</summary>
    public Action Listen(DeviceCall call)
    {
        lock (gate)
        {
            var hear = new Hear(call);
            hears.AddLast(hear);
            Match();
            return () => Cancel(hear);
        }
    }

    /// <summary>Answers 0 when the request is over, or at once if there is no such request.
    /// </summary>
    public Action? Hold(DeviceCall call, Nat id)
    {
        lock (gate)
        {
            if (FindLive(id) is { } exchange)
            {
                exchange.Holds.Add(call);
                return () => Cancel(exchange, call);
            }
        }
        call.Answer(0);
        return null;
    }

    /// <summary>Answers a request, if its client still waits, and the call with 0.</summary>
    public void Echo(DeviceCall call, Nat id, HttpAnswer answer)
    {
        lock (gate)
        {
            if (FindLive(id) is { } exchange)
            {
                exchange.Answer(answer);
                End(exchange);
            }
        }
        call.Answer(0);
    }

    /// <summary>Leaves a request to the cog and waits for the echo.</summary>
    /// <exception cref="TimeoutException">The cog did not answer in time.</exception>
    public async Task<HttpAnswer> Ask(
        HttpRequestValue request, TimeSpan timeMax, CancellationToken stop)
    {
        HttpExchange exchange;
        lock (gate)
        {
            var id = nextId++;
            exchange = new HttpExchange(id, request.ToValue(id));
            live.Add(id, exchange);
            waiting.AddLast(exchange);
            Match();
        }
        try
        {
            return await exchange.Answered.WaitAsync(timeMax, clock, stop)
                .ConfigureAwait(false);
        }
        finally
        {
            lock (gate)
                End(exchange);
        }
    }

    private void Match()
    {
        while (hears.First is { Value: var hear } && waiting.First is { Value: var exchange })
        {
            hears.RemoveFirst();
            waiting.RemoveFirst();
            Invariant.Check(!exchange.IsOver, $"request {exchange.Id} waits for its answer");
            Invariant.Check(hear.Given is null, "a hear takes one request");
            hear.Given = exchange;
            hear.Call.Answer(exchange.Request);
        }
    }

    /// <summary>The cog has not taken the request of a cancelled hear: the next hear gets it.
    /// </summary>
    private void Cancel(Hear hear)
    {
        lock (gate)
        {
            hears.Remove(hear);
            if (hear.Given is not { IsOver: false } exchange)
                return;
            waiting.AddFirst(exchange);
            Match();
        }
    }

    private void Cancel(HttpExchange exchange, DeviceCall hold)
    {
        lock (gate)
            exchange.Holds.Remove(hold);
    }

    private HttpExchange? FindLive(Nat id) =>
        id is SmallNat small ? live.GetValueOrDefault(small.Word) : null;

    private void End(HttpExchange exchange)
    {
        if (exchange.IsOver)
            return;
        exchange.IsOver = true;
        var wasLive = live.Remove(exchange.Id);
        Invariant.Check(wasLive, $"request {exchange.Id} ends once");
        waiting.Remove(exchange);
        foreach (var hold in exchange.Holds)
            hold.Answer(0);
        exchange.Holds.Clear();
    }

    private sealed class Hear(DeviceCall call)
    {
        public DeviceCall Call { get; } = call;

        public HttpExchange? Given { get; set; }
    }
}

/// <summary>A request that waits for a cog. The table's lock guards it.</summary>
internal sealed class HttpExchange(ulong id, Row request)
{
    private readonly TaskCompletionSource<HttpAnswer> answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ulong Id { get; } = id;

    /// <summary>The answer of the hear that takes it.</summary>
    public Row Request { get; } = request;

    public Task<HttpAnswer> Answered => answer.Task;

    /// <summary>The calls that wait for its end.</summary>
    public List<DeviceCall> Holds { get; } = [];

    /// <summary>The request was answered, or its client is gone.</summary>
    public bool IsOver { get; set; }

    public void Answer(HttpAnswer value) => answer.TrySetResult(value);
}

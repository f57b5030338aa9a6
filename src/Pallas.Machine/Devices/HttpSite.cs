using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Pallas.Store;
using Pallas.Values;

namespace Pallas.Machine.Devices;

/// <summary>The web site of one cog: its listener, and who waits for whom.</summary>
/// <remarks>
/// A request goes to the function that is served, the oldest where there are several; while there
/// is none, it waits. What that answers with NONE is given to the cog: each hear takes one request,
/// both in the order of their coming. A request that a cog was given and did not take, since it
/// withdrew the hear, is given to the next. A number once used for a request is, to all likelihood,
/// used by no later run: an echo that is issued again after a restart answers nobody else.
/// </remarks>
internal sealed class HttpSite
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CloseMax = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly CogId cog;
    private readonly MachineOptions options;
    private readonly ServedFunctions evaluator;
    private readonly SortedDictionary<long, Value> functions = [];
    private readonly LinkedList<Hear> hears = [];
    private readonly LinkedList<HttpExchange> waiting = [];
    private readonly Dictionary<ulong, HttpExchange> live = [];
    private readonly ByteBudget budget;
    private readonly CancellationTokenSource closing = new();
    private readonly Task<HttpServer?> server;
    private readonly ServedFailures failures;
    private PortFile? file;
    private TaskCompletionSource served = NewSignal();
    private long functionsCount;
    private ulong nextId;

    /// <param name="evaluator">Evaluates what is served.</param>
    /// <param name="port">0 for any that is free.</param>
    public HttpSite(CogId cog, MachineOptions options, ServedFunctions evaluator, int port)
    {
        WantedPort = port;
        budget = new ByteBudget(options.Sockets.BodyBytesMax);
        this.cog = cog;
        this.options = options;
        this.evaluator = evaluator;
        failures = new ServedFailures(cog, options);
        var start = new byte[sizeof(ulong)];
        options.FillRandom(start);
        nextId = BitConverter.ToUInt64(start) >> 16;
        server = Task.Run(Open);
    }

    /// <summary>The port that it was told to listen on; 0 for any.</summary>
    public int WantedPort { get; }

    /// <summary>Takes those that want to speak WebSocket; null while the cog takes none.</summary>
    public Func<HttpContext, Task>? Upgrades { get; set; }

    /// <returns>How to withdraw the function.</returns>
    public Action Serve(Value function)
    {
        lock (gate)
        {
            var key = functionsCount++;
            functions.Add(key, function);
            served.TrySetResult();
            return () => Withdraw(key);
        }
    }

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

    /// <summary>Answers 0 when the request is over; at once, where there is no such request.
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

    /// <summary>Answers a request, if somebody waits for it, and the call with 0.</summary>
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

    public Action TellPort(DeviceCall call)
    {
        var isCancelled = false;
        _ = server.ContinueWith(
            done =>
            {
                if (done.Result is { } listener && !Volatile.Read(ref isCancelled))
                    call.Answer(listener.Port);
            },
            TaskScheduler.Default);
        return () => Volatile.Write(ref isCancelled, true);
    }

    /// <summary>Answers what waits with 503 and listens no more.</summary>
    public async Task Close()
    {
        await closing.CancelAsync().ConfigureAwait(false);
        if (await server.ConfigureAwait(false) is not { } listener)
            return;
        await listener.Stop(CloseMax).ConfigureAwait(false);
        file?.Dispose();
    }

    private async Task<HttpServer?> Open()
    {
        HttpServer? listener = null;
        try
        {
            listener = await HttpServer.Start(options.Sockets, WantedPort, Handle, Report)
                .ConfigureAwait(false);
            file = PortFile.Write(options, $"{cog}.http.port", listener.Port);
            options.Message?.Invoke(
                $"cog {cog} is at http://{options.Sockets.HostText}:{listener.Port}/");
            return listener;
        }
        catch (Exception error) when (
            error is IOException or SocketException or UnauthorizedAccessException)
        {
            listener?.Dispose();
            options.Message?.Invoke($"cog {cog} cannot serve HTTP: {error.Message}");
            return null;
        }
    }

    private void Report(Exception error) =>
        options.Message?.Invoke($"cog {cog} failed to answer over HTTP: {error.Message}");

    private async Task Handle(HttpContext context)
    {
        var place = HttpPlaces.Of(context.Features);
        place.BeginBody();
        try
        {
            await Handle(context, place).ConfigureAwait(false);
        }
        finally
        {
            place.EndAnswer();
        }
    }

    private async Task Handle(HttpContext context, HttpPlaces.Place place)
    {
        if (Upgrades is { } upgrade && WockDevice.IsUpgrade(context.Request))
        {
            place.BeginAnswer();
            await upgrade(context).ConfigureAwait(false);
            return;
        }
        // The body may be held until the request is answered, so that long it counts.
        using var share = new ByteShare(budget);
        if (await Answer(context, place, share).ConfigureAwait(false) is not { } answer)
            return;
        try
        {
            await HttpResponses.Write(context, answer).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Nobody is there to read the answer.
        }
    }

    /// <summary>Null where the client has gone.</summary>
    private async Task<HttpAnswer?> Answer(
        HttpContext context, HttpPlaces.Place place, ByteShare share)
    {
        // No program is a proxy, and its answers would be taken for the start of a tunnel.
        if (HttpMethods.IsConnect(context.Request.Method))
            return HttpAnswer.Plain(405, "no tunnels here");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, closing.Token);
        try
        {
            var request = await HttpRequestValue.Read(context.Request, share, stop.Token)
                .ConfigureAwait(false);
            place.BeginAnswer();
            return await Answer(request, stop.Token).ConfigureAwait(false);
        }
        catch (BadHttpRequestException error) when (
            error.StatusCode == StatusCodes.Status503ServiceUnavailable)
        {
            return HttpAnswer.Plain(503, error.Message);
        }
        catch (StoreError error)
        {
            // The function is called beside the cog, which goes on as long as it needs nothing of
            // what is damaged.
            Report(error);
            return HttpAnswer.Plain(500, "a part of the machine's state cannot be read");
        }
        catch (TimeoutException)
        {
            return HttpAnswer.Plain(503, "the program did not answer in time");
        }
        catch (OperationCanceledException)
        {
            return context.RequestAborted.IsCancellationRequested
                ? null
                : HttpAnswer.Plain(503, "the program has stopped");
        }
    }

    private async Task<HttpAnswer> Answer(HttpRequestValue request, CancellationToken stop)
    {
        var function = await FindFunction(stop).ConfigureAwait(false);
        var outcome = await evaluator.Evaluate(cog, function, request.ToValue(), stop)
            .ConfigureAwait(false);
        return outcome switch
        {
            null => HttpAnswer.Plain(503, "too much is being computed at the same time"),
            Outcome.Good { Result: Nat { IsZero: true } } =>
                await Ask(request, stop).ConfigureAwait(false),
            Outcome.Good { Result: App { Count: 1, Head: Nat { IsZero: true } } some }
                when some[0] is Row { Count: 4 } row
                && HttpAnswer.Read(row.ToArray()) is { } answer => answer,
            Outcome.Good other => Failed(
                request, new ServedFailure.NoAnswer(other.Result!), "the program served no answer"),
            Outcome.Crashed crash => Failed(
                request, new ServedFailure.Crashed(crash.Op, crash.Argument),
                "the program crashed over this request"),
            Outcome.TimedOut => Failed(
                request, new ServedFailure.TookTooLong(), "the program took too long"),
            _ => HttpAnswer.Plain(503, "the program has stopped"),
        };
    }

    /// <summary>The client learns that it failed, the operator why.</summary>
    private HttpAnswer Failed(HttpRequestValue request, ServedFailure why, string text)
    {
        failures.Report(request, why);
        return HttpAnswer.Plain(500, text);
    }

    private async Task<Value> FindFunction(CancellationToken stop)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                foreach (var function in functions.Values)
                    return function;
                next = served.Task;
            }
            await next.WaitAsync(WaitMax, options.Time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Gives a request to the cog and waits for its echo.</summary>
    private async Task<HttpAnswer> Ask(HttpRequestValue request, CancellationToken stop)
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
            return await exchange.Answered.WaitAsync(WaitMax, options.Time, stop)
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
            hear.Given = exchange;
            hear.Call.Answer(exchange.Request);
        }
    }

    /// <summary>Only a hear whose answer was not taken is withdrawn.</summary>
    private void Cancel(Hear hear)
    {
        lock (gate)
        {
            hears.Remove(hear);
            if (hear.Given is not { Over: false } exchange)
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

    private void Withdraw(long key)
    {
        lock (gate)
        {
            functions.Remove(key);
            if (functions.Count == 0 && served.Task.IsCompleted)
                served = NewSignal();
        }
    }

    private HttpExchange? FindLive(Nat id) =>
        id is SmallNat small ? live.GetValueOrDefault(small.Word) : null;

    private void End(HttpExchange exchange)
    {
        if (exchange.Over)
            return;
        exchange.Over = true;
        live.Remove(exchange.Id);
        waiting.Remove(exchange);
        foreach (var hold in exchange.Holds)
            hold.Answer(0);
        exchange.Holds.Clear();
    }

    private static TaskCompletionSource NewSignal() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Hear(DeviceCall call)
    {
        public DeviceCall Call { get; } = call;

        public HttpExchange? Given { get; set; }
    }
}

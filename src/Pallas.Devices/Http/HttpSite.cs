using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Pallas.Devices.Sockets;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Values;

namespace Pallas.Devices.Http;

/// <summary>The web site of one cog: its listener, and the functions that it serves.</summary>
/// <remarks>
/// A request goes to the oldest function that is served; without one, it waits. The cog gets the
/// requests that the function answers with NONE.
/// </remarks>
internal sealed class HttpSite
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CloseMax = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly CogId cog;
    private readonly MachineContext context;
    private readonly NetworkOptions network;
    private readonly ServedFunctions evaluator;
    private readonly SortedDictionary<long, Value> functions = [];
    private readonly ByteBudget budget;
    private readonly CancellationTokenSource closing = new();
    private readonly Task<HttpServer?> server;
    private readonly ServedFailures failures;
    private PortFile? file;
    private TaskCompletionSource served = NewSignal();
    private long functionsCount;

    /// <param name="evaluator">Evaluates the functions.</param>
    /// <param name="port">0 for any that is free.</param>
    public HttpSite(
        CogId cog, MachineContext context, NetworkOptions network, ServedFunctions evaluator,
        int port)
    {
        WantedPort = port;
        budget = new ByteBudget(network.BodyBytesMax);
        this.cog = cog;
        this.context = context;
        this.network = network;
        this.evaluator = evaluator;
        failures = new ServedFailures(cog, context);
        Exchanges = new HttpExchangeTable(context);
        server = Task.Run(Open);
    }

    /// <summary>The requests that the function left to the cog.</summary>
    public HttpExchangeTable Exchanges { get; }

    /// <summary>The configured port; 0 for any that is free.</summary>
    public int WantedPort { get; }

    /// <summary>Serves requests for a WebSocket; null while the cog opens none.</summary>
    public Func<HttpContext, Task>? Upgrades { get; set; }

    /// <returns>Withdraws the function.</returns>
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

    public Action AnswerPort(DeviceCall call)
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

    /// <summary>Answers waiting requests with 503 and stops listening.</summary>
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
            listener = await HttpServer.Start(network, WantedPort, Handle, Report)
                .ConfigureAwait(false);
            file = PortFile.Write(context, $"{cog}.http.port", listener.Port);
            context.Message?.Invoke(
                $"cog {cog} is at http://{network.HostText}:{listener.Port}/");
            return listener;
        }
        catch (Exception error) when (
            error is IOException or SocketException or UnauthorizedAccessException)
        {
            listener?.Dispose();
            context.Message?.Invoke($"cog {cog} cannot serve HTTP: {error.Message}");
            return null;
        }
    }

    private void Report(Exception error) =>
        context.Message?.Invoke($"cog {cog} failed to answer over HTTP: {error.Message}");

    private async Task Handle(HttpContext context)
    {
        var slot = ConnectionLimiter.SlotOf(context.Features);
        slot.BeginBody();
        try
        {
            await Handle(context, slot).ConfigureAwait(false);
        }
        finally
        {
            slot.EndAnswer();
        }
    }

    private async Task Handle(HttpContext context, ConnectionLimiter.Slot slot)
    {
        if (Upgrades is { } upgrade && WockDevice.IsUpgrade(context.Request))
        {
            slot.BeginAnswer();
            await upgrade(context).ConfigureAwait(false);
            return;
        }
        // The cog may hold the body until it answers, so the body counts until then.
        using var share = new ByteShare(budget);
        if (await Answer(context, slot, share).ConfigureAwait(false) is not { } answer)
            return;
        try
        {
            await HttpResponses.Write(context, answer).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client is gone.
        }
    }

    /// <summary>Null if the client is gone.</summary>
    private async Task<HttpAnswer?> Answer(
        HttpContext context, ConnectionLimiter.Slot slot, ByteShare share)
    {
        // No program is a proxy: a client would take its answer for the start of a tunnel.
        if (HttpMethods.IsConnect(context.Request.Method))
            return HttpAnswer.Plain(405, "no tunnels here");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, closing.Token);
        try
        {
            var request = await HttpRequestValue.Read(context.Request, share, stop.Token)
                .ConfigureAwait(false);
            slot.BeginAnswer();
            return await Answer(request, stop.Token).ConfigureAwait(false);
        }
        catch (BadHttpRequestException error) when (
            error.StatusCode == StatusCodes.Status503ServiceUnavailable)
        {
            return HttpAnswer.Plain(503, error.Message);
        }
        catch (StoreError error)
        {
            // The function runs beside the cog, which continues until it needs the damaged part.
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
                await Exchanges.Ask(request, WaitMax, stop).ConfigureAwait(false),
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

    /// <summary>Tells the client that it failed, and the operator why.</summary>
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
            await next.WaitAsync(WaitMax, context.Time, stop).ConfigureAwait(false);
        }
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

    private static TaskCompletionSource NewSignal() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}

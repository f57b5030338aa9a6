using System.Collections.Concurrent;
using System.Net;
using Pallas.Devices.Http;
using Pallas.Devices.Sockets;
using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Tests.Store;
using Pallas.Values;
using Xunit;

// Each wait of these tests has a limit of its own.
#pragma warning disable xUnit1051

namespace Pallas.Tests.Machine.Devices;

/// <summary>Web sites of cogs in a machine that keeps what happens.</summary>
public sealed class HttpMachineTests : IDisposable
{
    private readonly HttpClient client = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly ConcurrentQueue<string> messages = [];

    /// <summary>Hears, answers the first request of the first run, and goes on hearing.</summary>
    private static readonly Value Site = Cogs.Steps(
        RowWith(), RowWith(HttpCalls.Echo(0, 200, "first")), RowWith());

    private byte run;

    public void Dispose() => client.Dispose();

    [Fact]
    public async Task An_answer_is_sent_after_its_event_is_durable()
    {
        var store = Rig.MakeStore(Site);
        using var mayCommit = new ManualResetEventSlim();
        using var wantsCommit = new ManualResetEventSlim();
        await using var machine = RunningMachine.Start(store, Options());
        var url = WaitForUrl();
        store.FailCommit = _ =>
        {
            wantsCommit.Set();
            mayCommit.Wait(TimeSpan.FromSeconds(20));
            return null;
        };
        var sent = client.GetStringAsync(url);
        Assert.True(wantsCommit.Wait(TimeSpan.FromSeconds(20)));
        // Another client is answered first, although it comes later.
        var other = await HttpCalls.Raw(url.Port, "nonsense\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400", other);
        Assert.False(sent.IsCompleted);
        Assert.Equal(0ul, machine.Status().Position.Number);
        mayCommit.Set();
        Assert.Equal("first", await sent);
        Assert.NotEqual(0ul, machine.Status().Position.Number);
    }

    [Fact]
    public void The_warm_up_serves_a_request() =>
        Assert.True(HttpWarmUp.Run(Task.CompletedTask));

    [Fact]
    public async Task An_answer_whose_event_was_lost_is_never_sent()
    {
        var store = Rig.MakeStore(Site);
        var machine = RunningMachine.Start(store, Options());
        var url = WaitForUrl();
        store.FailCommit = _ => new StoreError(StoreErrorKind.DiskFull, "the disk is full");
        var sent = client.GetAsync(url);
        Assert.NotNull((await machine.Ended).Failure);
        await machine.StopAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await sent).StatusCode);
    }

    [Fact]
    public async Task A_cog_continues_to_serve_after_a_crash()
    {
        var store = Rig.MakeStore(Site);
        var machine = RunningMachine.Start(store, Options());
        Assert.Equal("first", await client.GetStringAsync(WaitForUrl()));
        Wait.Until(() => machine.Status().Position.Number >= 1);
        var crashed = store.Crash();
        await machine.StopAsync(snapshot: false);
        messages.Clear();
        await using var again = RunningMachine.Start(crashed, Options());
        var url = WaitForUrl();
        var (first, second) = (client.GetAsync(url), client.GetAsync(url));
        Wait.Until(() => Paths(again).Count == 3);
        Assert.All(Paths(again), path => Assert.Equal("/", path));
        await again.StopAsync();
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task The_port_is_in_a_file_while_the_machine_runs()
    {
        using var folder = new TempFolder();
        var path = folder.Inside("m");
        var id = MachineFolder.Boot(path, Site);
        var file = Path.Combine(path, $"{id}.http.port");
        var machine = RunningMachine.Start(path, Options());
        var url = WaitForUrl();
        Assert.Equal(url.Port.ToString(), File.ReadAllText(file));
        Assert.Equal("first", await client.GetStringAsync(url));
        await machine.StopAsync();
        Assert.False(File.Exists(file));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(url));
        File.WriteAllText(file, "left by a crash");
        File.WriteAllText(Path.Combine(path, "5.telnet.port"), "left by a crash");
        messages.Clear();
        await using var again = RunningMachine.Start(path, Options());
        Assert.Equal(WaitForUrl().Port.ToString(), File.ReadAllText(file));
        Assert.Single(Paths(again));
        Assert.False(File.Exists(Path.Combine(path, "5.telnet.port")));
    }

    [Fact]
    public async Task A_cog_that_finished_has_no_site()
    {
        var store = Rig.MakeStore(
            Cogs.LogOf(Cogs.Hear(1)),
            App.Make(Cogs.Once, Row.Of(HttpCalls.Serve(HttpCalls.None), HttpCalls.Hear)));
        var options = Options();
        await using var machine = RunningMachine.Start(store, options);
        var url = WaitForUrl();
        var response = await client.GetAsync(url);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Wait.Until(() => !HttpCalls.CanConnect(url.Port));
    }

    private static Row RowWith(params Value[] more) =>
        Row.Of([HttpCalls.Serve(HttpCalls.None), HttpCalls.Hear, .. more]);

    /// <summary>The paths of the requests that were heard.</summary>
    private static List<string> Paths(RunningMachine machine) =>
    [
        .. RunningMachineTests.HistoryOf(machine.Status().Cogs[0].State)
            .Select(each => ((Tab)each).Find(1))
            .OfType<Row>()
            .Select(request => HttpCalls.TextOf(request[2])),
    ];

    private MachineContext Options() => TestEval.Machine with
    {
        FillRandom = buffer => buffer.AsSpan().Fill(run++),
        Message = messages.Enqueue,
        Devices = options => [new TestDevice(), new HttpDevice(options, new NetworkOptions())],
    };

    private Uri WaitForUrl()
    {
        string? found = null;
        Wait.Until(() => (found = messages.FirstOrDefault(
            each => each.Contains("http://", StringComparison.Ordinal))) is not null);
        var port = new Uri(found![found!.IndexOf("http://", StringComparison.Ordinal)..]).Port;
        return new Uri($"http://127.0.0.1:{port}/");
    }
}

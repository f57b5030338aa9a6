using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Pallas.Cli.Render;
using Pallas.Cli.Run;
using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Tests.Machine;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>A running machine reports metrics, spans and log lines to tools.</summary>
public sealed class TelemetryTests
{
    private static readonly CogId One = new(1);

    [Fact]
    public async Task A_collector_gets_metrics_and_spans()
    {
        var port = FreePort();
        using var listener = new HttpListener();
        listener.Prefixes.Add($"http://localhost:{port}/");
        listener.Start();
        var got = new ConcurrentDictionary<string, string>();
        var receiving = Task.Run(
            () => Receive(listener, got), TestContext.Current.CancellationToken);
        using (Telemetry.Start("--otlp", $"http://localhost:{port}"))
        {
            var rig = Rig.Boot(Cogs.LogOf(Cogs.Hear(1)));
            rig.Device.Answer(One, 1, 5);
            rig.WaitDurable(1, state => RunningMachineTests.HistoryOf(state!).Count == 1);
            await rig.Machine.StopAsync();
        }
        Wait.Until(() => got.Count == 2);
        listener.Stop();
        await receiving;
        Assert.Contains("pallas.events", got["/v1/metrics"]);
        Assert.Contains(MachineMeter.Name, got["/v1/metrics"]);
        Assert.Contains("commit", got["/v1/traces"]);
        Assert.Contains("service.name", got["/v1/traces"]);
    }

    [Fact]
    public void A_text_that_is_not_an_address_is_refused() =>
        Assert.Contains(
            "--otlp cannot be here\nhint: give the address of a collector",
            Assert.Throws<Failure>(() => Telemetry.Start("--otlp", "here")).Message);

    [Fact]
    public void Each_line_of_json_names_what_happened()
    {
        var lines = LogOf(isJson: true).Select(line => JsonDocument.Parse(line).RootElement);
        var events = lines.ToLookup(line => line.GetProperty("event").GetString()!);
        Assert.Equal(1, events["started"].Single().GetProperty("record").GetInt64() + 1);
        Assert.Equal(3, events["started"].Single().GetProperty("cogs").GetInt32());
        Assert.Equal("2", events["cog-crashed"].Single().GetProperty("cog").GetString());
        Assert.Equal("error", events["cog-crashed"].Single().GetProperty("level").GetString());
        Assert.Equal("3", events["cog-finished"].Single().GetProperty("cog").GetString());
        Assert.Single(events["snapshot"]);
        Assert.True(events["stopped"].Single().GetProperty("record").GetInt64() > 0);
        Assert.All(
            events.SelectMany(group => group),
            line => DateTimeOffset.Parse(line.GetProperty("time").GetString()!));
    }

    [Fact]
    public void Each_line_of_text_has_named_fields()
    {
        var lines = LogOf(isJson: false);
        Assert.Contains(
            lines, line => line.EndsWith($"record=0 cogs=3 pid={Environment.ProcessId}"));
        Assert.Contains(lines, line => line.Contains(" error cog-crashed cog=2 text=\"crashed: "));
    }

    /// <summary>Of a machine with a cog that goes on, one that crashes, and one that finishes.
    /// </summary>
    private static List<string> LogOf(bool isJson)
    {
        var output = new StringWriter();
        var store = Rig.MakeStore(
            Cogs.LogOf(Cogs.Hear(1)),
            App.Make(Cogs.Crash, Row.Of(Cogs.Hear(1))),
            App.Make(Cogs.Once, Row.Of(Cogs.Hear(1))));
        var device = new TestDevice();
        var options = new MachineLog(output, isJson, TimeProvider.System).Attach(
            TestEval.Machine with { Devices = _ => [device] });
        var machine = RunningMachine.Start(store, options);
        device.Answer(new CogId(2), 1, 0);
        device.Answer(new CogId(3), 1, 0);
        Wait.Until(() => machine.Status().Cogs.Count(
            cog => cog.State is CogState.Crashed or CogState.Finished) == 2);
        machine.StopAsync().Wait(TestContext.Current.CancellationToken);
        return [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static void Receive(HttpListener listener, ConcurrentDictionary<string, string> got)
    {
        try
        {
            while (true)
            {
                var context = listener.GetContext();
                using var reader = new StreamReader(
                    context.Request.InputStream, Encoding.Latin1);
                var body = reader.ReadToEnd();
                got.AddOrUpdate(
                    context.Request.Url!.AbsolutePath, body, (_, before) => before + body);
                context.Response.Close();
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

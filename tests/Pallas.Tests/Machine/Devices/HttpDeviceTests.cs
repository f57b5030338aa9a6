using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Pallas.Devices.Sockets;
using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Tests.Store;
using Pallas.Values;
using Xunit;

// Each wait of these tests has a limit of its own.
#pragma warning disable xUnit1051

namespace Pallas.Tests.Machine.Devices;

public sealed class HttpDeviceTests : IDisposable
{
    private readonly HttpRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public async Task A_served_function_answers_without_the_cog()
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.Page));
        var response = await rig.Client.GetAsync(rig.Url("/any"));
        Assert.Equal((200, "fine"), ((int)response.StatusCode, response.ReasonPhrase));
        Assert.Equal("a cog", response.Headers.GetValues("X-Made-By").Single());
        Assert.Equal(6, response.Content.Headers.ContentLength);
        Assert.Equal("served", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_head_is_answered_like_its_get_without_the_body()
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.Page));
        var answer = await HttpCalls.Raw(
            rig.Port(), "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 fine\r\n", answer);
        Assert.Contains("Content-Length: 6\r\n", answer);
        Assert.EndsWith("\r\n\r\n", answer);

        rig.Ask(HttpCalls.Serve(HttpCalls.None), cog: 2);
        var hear = rig.Ask(HttpCalls.Hear, cog: 2);
        var sent = rig.Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Head, rig.Url(cog: 2)));
        Assert.Equal("GET", ((Nat)((Row)hear.WaitForAnswer())[1]).ToText());
        rig.Ask(HttpCalls.Echo(0, 200, "long text"), cog: 2);
        Assert.Equal(9, (await sent).Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_request_left_by_the_function_is_heard_and_echoed()
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.None));
        var hear = rig.Ask(HttpCalls.Hear);
        var content = new StringContent("the body", Encoding.UTF8, "text/x-test");
        var posted = rig.Client.PostAsync(rig.Url("/a%20b/c?d=e&f"), content);
        var request = (Row)hear.WaitForAnswer();
        Assert.Equal(5, request.Count);
        Rig.AssertEqual(0, request[0]);
        Rig.AssertEqual("POST", request[1]);
        Rig.AssertEqual(Bar.OfText("/a%20b/c?d=e&f"), request[2]);
        Assert.Contains(
            ((Row)request[3]).ToArray(),
            header => Order.Equal(header, Row.Of(
                Bar.OfText("content-type"), Bar.OfText("text/x-test; charset=utf-8"))));
        Rig.AssertEqual(Pin.Make(Bar.OfText("the body")), request[4]);
        Assert.False(posted.IsCompleted);
        Rig.AssertEqual(0, rig.Ask(HttpCalls.Echo(0, 404, "not there")).WaitForAnswer());
        var response = await posted;
        Assert.Equal((404, "said"), ((int)response.StatusCode, response.ReasonPhrase));
        Assert.Equal("not there", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Requests_wait_for_a_function_and_for_a_hear()
    {
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        using var rig = new HttpRig(TestEval.Machine with { Time = clock });
        var sent = rig.Client.GetAsync(rig.Url());
        Wait.Until(() => clock.SetCount == 1, "the request waits for a function");
        Assert.False(sent.IsCompleted);
        rig.Ask(HttpCalls.Serve(HttpCalls.None));
        rig.Ask(HttpCalls.Hear).WaitForAnswer();
        Assert.False(sent.IsCompleted);
        rig.Ask(HttpCalls.Echo(0, 200, "late"));
        Assert.Equal("late", await (await sent).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Hears_take_requests_in_the_order_of_both()
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.None));
        var hears = Enumerable.Range(0, 3).Select(_ => rig.Ask(HttpCalls.Hear)).ToArray();
        var sent = new List<Task<string>>();
        for (var i = 0; i < 3; i++)
        {
            sent.Add(rig.Client.GetStringAsync(rig.Url($"/{i}")));
            Rig.AssertEqual(Bar.OfText($"/{i}"), ((Row)hears[i].WaitForAnswer())[2]);
        }
        for (var i = 2; i >= 0; i--)
            rig.Ask(HttpCalls.Echo((ulong)i, 200, $"to {i}"));
        Assert.Equal(["to 0", "to 1", "to 2"], await Task.WhenAll(sent));
    }

    [Fact]
    public async Task A_withdrawn_function_stops_serving()
    {
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        using var rig = new HttpRig(TestEval.Machine with { Time = clock });
        var old = rig.Ask(HttpCalls.Serve(HttpCalls.Page));
        Assert.Equal("served", await rig.Client.GetStringAsync(rig.Url()));
        old.Cancel!();
        var sent = rig.Client.GetStringAsync(rig.Url());
        Wait.Until(() => clock.SetCount == 1, "the request waits for a function");
        Assert.False(sent.IsCompleted);
        rig.Ask(HttpCalls.Serve(HttpCalls.Const(
            App.Make(0, HttpCalls.Answer(200, "", "new")))));
        Assert.Equal("new", await sent);
    }

    [Fact]
    public async Task The_request_of_a_withdrawn_hear_goes_to_the_next()
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.None));
        var first = rig.Ask(HttpCalls.Hear);
        first.Cancel!();
        var second = rig.Ask(HttpCalls.Hear);
        var sent = rig.Client.GetStringAsync(rig.Url());
        var request = second.WaitForAnswer();
        Assert.Null(first.Answer);
        second.Cancel!();
        Rig.AssertEqual(request, rig.Ask(HttpCalls.Hear).WaitForAnswer());
        rig.Ask(HttpCalls.Echo(0, 200, "third"));
        Assert.Equal("third", await sent);
    }

    [Fact]
    public async Task A_hold_ends_with_its_request()
    {
        Rig.AssertEqual(0, rig.Ask(Row.Of("http", 0, "hold", 0)).WaitForAnswer());
        rig.Ask(HttpCalls.Serve(HttpCalls.None));
        using (var gone = new CancellationTokenSource())
        {
            var hear = rig.Ask(HttpCalls.Hear);
            var sent = rig.Client.GetAsync(rig.Url(), gone.Token);
            hear.WaitForAnswer();
            var hold = rig.Ask(Row.Of("http", 0, "hold", 0));
            Assert.Null(hold.Answer);
            await gone.CancelAsync();
            Rig.AssertEqual(0, hold.WaitForAnswer());
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
        }
        rig.Ask(HttpCalls.Hear);
        var again = rig.Client.GetStringAsync(rig.Url());
        HttpRig.Asked? held = null;
        Wait.Until(() => (held = rig.Ask(Row.Of("http", 0, "hold", 1))).Answer is null);
        rig.Ask(HttpCalls.Echo(1, 200, "done"));
        Assert.Equal("done", await again);
        Rig.AssertEqual(0, held!.WaitForAnswer());
    }

    [Fact]
    public void An_echo_without_a_client_is_answered() =>
        Rig.AssertEqual(0, rig.Ask(HttpCalls.Echo(77, 200, "hello?")).WaitForAnswer());

    [Fact]
    public async Task A_function_that_crashes_or_answers_nonsense_is_an_error_of_the_server()
    {
        var served = rig.Ask(HttpCalls.Serve(Law.Make(
            Nat.OfText("bad"), Nat.One, Cogs.Call(Cogs.Quote(7), 1))));
        Assert.Equal(HttpStatusCode.InternalServerError, (await Get()).StatusCode);
        foreach (var nonsense in new Value[]
        {
            5,
            App.Make(0, 5),
            App.Make(0, Row.Of(200, Bar.Empty, Row.Empty)),
            App.Make(0, HttpCalls.Answer(7, "", "no status")),
        })
        {
            served.Cancel!();
            served = rig.Ask(HttpCalls.Serve(HttpCalls.Const(nonsense)));
            Assert.Equal(HttpStatusCode.InternalServerError, (await Get()).StatusCode);
        }
    }

    [Fact]
    public async Task No_header_of_a_program_breaks_the_answer()
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.Const(App.Make(0, HttpCalls.Answer(
            200, "a\r\nb: c", "body",
            ("Content-Length", "99"), ("Transfer-Encoding", "chunked"), ("X", "a\r\nY: b"),
            ("bad name", "x"), ("", "x"), ("Fine", "\u00e9"), ("Set-Cookie", "a"),
            ("Set-Cookie", "b"))))));
        var response = await Get();
        Assert.Equal("OK", response.ReasonPhrase);
        Assert.Equal("body", await response.Content.ReadAsStringAsync());
        Assert.Equal(
            ["Date", "Fine", "Set-Cookie"], response.Headers.Select(pair => pair.Key).Order());
        Assert.Equal(["a", "b"], response.Headers.GetValues("Set-Cookie"));
    }

    [Fact]
    public async Task A_path_may_be_written_with_its_host()
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.None));
        var hear = rig.Ask(HttpCalls.Hear);
        var sent = HttpCalls.Raw(
            rig.Port(), "GET http://x:1/p?q HTTP/1.1\r\nHost: x:1\r\nConnection: close\r\n\r\n");
        Rig.AssertEqual(Bar.OfText("/p?q"), ((Row)hear.WaitForAnswer())[2]);
        rig.Ask(HttpCalls.Echo(0, 200, "yes"));
        Assert.EndsWith("yes", await sent);
    }

    [Fact]
    public async Task The_end_of_a_cog_answers_its_clients_and_closes_its_port()
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.None));
        rig.Ask(HttpCalls.Serve(HttpCalls.Page), cog: 2);
        var url = rig.Url();
        var hear = rig.Ask(HttpCalls.Hear);
        var sent = rig.Client.GetAsync(url);
        hear.WaitForAnswer();
        rig.Device.Forget(new CogId(1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await sent).StatusCode);
        Wait.Until(() => !HttpCalls.CanConnect(new Uri(url).Port));
        Assert.Equal("served", await rig.Client.GetStringAsync(rig.Url(cog: 2)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_site_that_cannot_open_is_reported_and_does_not_listen(bool isElsewhere)
    {
        using var temp = new TempFolder();
        var (port, messages) = (PortRig.FreePort(), new ConcurrentQueue<string>());
        var options = TestEval.Machine with { Message = messages.Enqueue };
        var network = new NetworkOptions { HttpPort = port };
        // An address for documentation, which no computer has; or no room for the port's file.
        var failing = isElsewhere
            ? new HttpRig(options, network with { Address = IPAddress.Parse("192.0.2.1") })
            : new HttpRig(options with { Folder = temp.Inside("missing") }, network);
        failing.Ask(HttpCalls.Serve(HttpCalls.Page));
        Wait.Until(() => !messages.IsEmpty);
        Assert.StartsWith("cog 1 cannot serve HTTP: ", messages.Single());
        Assert.False(HttpCalls.CanConnect(port));
        failing.Dispose();
    }

    [Fact]
    public void Calls_are_known_by_their_shape()
    {
        Check(CallKind.Acts, HttpCalls.Serve(5));
        Check(CallKind.TakesIn, HttpCalls.Hear);
        Check(CallKind.TakesIn, HttpCalls.Port);
        Check(CallKind.TakesIn, Row.Of("http", 0, "hold", 5));
        Check(CallKind.Acts, HttpCalls.Echo(5, 200, "x"));
        Check(CallKind.Acts, HttpCalls.Send("GET", "http://x"));
        Check(CallKind.Unknown, Row.Of("http", 0, "serv"));
        Check(CallKind.Unknown, Row.Of("http", 0, "hear", 5));
        Check(CallKind.Unknown, Row.Of("http", 0, "hold", Row.Empty));
        Check(CallKind.Unknown, Row.Of("http", 0, "echo", 5, 200));
        Check(CallKind.Unknown, Row.Of("http", 0, "echo", 5, 200, Bar.Empty, Row.Of(1), Bar.Empty));
        Check(CallKind.Unknown, Row.Of("http", 0, "req", "GET"));
        Check(CallKind.Unknown, Row.Of("http", 0, Row.Empty));
    }

    private void Check(CallKind expected, Row request) =>
        Assert.Equal(expected, rig.Device.KindOf(request.ToArray().AsSpan(2)));

    private Task<HttpResponseMessage> Get() => rig.Client.GetAsync(rig.Url());
}

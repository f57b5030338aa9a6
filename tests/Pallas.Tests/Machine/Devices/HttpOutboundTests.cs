using Pallas.Machine;
using Pallas.Values;
using Xunit;

// Each wait of these tests has a limit of its own.
#pragma warning disable xUnit1051

namespace Pallas.Tests.Machine.Devices;

/// <summary>Requests that a cog sends; they go to a site of the same device.</summary>
public sealed class HttpOutboundTests : IDisposable
{
    private readonly HttpRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public void An_answer_is_its_code_message_headers_and_pinned_body()
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.Page));
        var answer = (Row)rig.Ask(HttpCalls.Send("GET", rig.Url()), cog: 2).WaitForAnswer();
        Assert.Equal(4, answer.Count);
        Rig.AssertEqual(200, answer[0]);
        Rig.AssertEqual(Bar.OfText("fine"), answer[1]);
        Assert.Contains(
            ((Row)answer[2]).ToArray(),
            header => Order.Equal(
                header, Row.Of(Bar.OfText("X-Made-By"), Bar.OfText("a cog"))));
        Rig.AssertEqual(Pin.Make(Bar.OfText("served")), answer[3]);
    }

    [Fact]
    public void Method_headers_and_body_arrive()
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.None));
        var hear = rig.Ask(HttpCalls.Hear);
        var sent = rig.Ask(
            HttpCalls.Send(
                "PUT", rig.Url("/x"), "text", headers: [("X-A", "b"), ("Content-Type", "a/b")]),
            cog: 2);
        var request = (Row)hear.WaitForAnswer();
        Rig.AssertEqual("PUT", request[1]);
        Rig.AssertEqual(Pin.Make(Bar.OfText("text")), request[4]);
        var headers = PlanText.Print(request[3]);
        Assert.Contains(PlanText.Print(Row.Of(Bar.OfText("x-a"), Bar.OfText("b"))), headers);
        Assert.Contains(
            PlanText.Print(Row.Of(Bar.OfText("content-type"), Bar.OfText("a/b"))), headers);
        rig.Ask(HttpCalls.Echo(0, 201, ""));
        Rig.AssertEqual(201, ((Row)sent.WaitForAnswer())[0]);
    }

    [Fact]
    public void Redirections_are_followed_up_to_the_limit()
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.Page), cog: 3);
        rig.Ask(HttpCalls.Serve(HttpCalls.Const(App.Make(0, HttpCalls.Answer(
            302, "", "elsewhere", ("Location", rig.Url(cog: 3)))))));
        rig.Ask(HttpCalls.Serve(HttpCalls.Const(App.Make(0, HttpCalls.Answer(
            302, "", "here", ("Location", "/again"))))), cog: 4);
        Rig.AssertEqual(302, First(HttpCalls.Send("POST", rig.Url(), "x")));
        Rig.AssertEqual(200, First(HttpCalls.Send("POST", rig.Url(), "x", redirects: 1)));
        Rig.AssertEqual(
            "TOO_MANY_REDIRECTS", First(HttpCalls.Send("GET", rig.Url(cog: 4), redirects: 2)));
    }

    [Fact]
    public void Failures_have_names()
    {
        var port = rig.Port(9);
        rig.Device.Forget(new CogId(9));
        Wait.Until(() => rig.Ask(HttpCalls.Send("GET", $"http://127.0.0.1:{port}/"))
            .WaitForAnswer() is Nat);
        Rig.AssertEqual(
            "CONNECTION_FAILURE",
            rig.Ask(HttpCalls.Send("GET", $"http://127.0.0.1:{port}/")).WaitForAnswer());
        Rig.AssertEqual("INVALID_URL", First(HttpCalls.Send("GET", "no url")));
        Rig.AssertEqual("INVALID_URL", First(HttpCalls.Send("GET", "ftp://x/")));
        Rig.AssertEqual(
            "INVALID_REQUEST_HEADER",
            First(HttpCalls.Send("GET", rig.Url(), headers: [("a b", "c")])));
        Rig.AssertEqual(
            "RESPONSE_TIMEOUT",
            rig.Ask(HttpCalls.Send("GET", rig.Url(), microseconds: 50_000)).WaitForAnswer());
    }

    [Fact]
    public void A_request_that_is_cancelled_is_never_answered()
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.None));
        var hear = rig.Ask(HttpCalls.Hear);
        var sent = rig.Ask(HttpCalls.Send("GET", rig.Url()), cog: 2);
        hear.WaitForAnswer();
        var hold = rig.Ask(Row.Of("http", 0, "hold", 0));
        sent.Cancel!();
        Rig.AssertEqual(0, hold.WaitForAnswer());
        // A later request of the same cog is answered first.
        Rig.AssertEqual("INVALID_URL", First(HttpCalls.Send("GET", "no url")));
        Assert.Null(sent.Answer);
    }

    private Value First(Row request) =>
        ((Row)rig.Ask(request, cog: 2).WaitForAnswer())[0];
}

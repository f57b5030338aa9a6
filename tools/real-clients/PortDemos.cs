namespace Pallas.RealClients;

/// <summary>The demos that speak to other machines.</summary>
internal static class PortDemos
{
    /// <summary>Counts down from 100, a message each. A port does not outlive a stop: the client
    /// then ends as the demo documents.</summary>
    public static Demo Chat(string name) => new Pair(
        name, "demo_port_localhost_ali", "demo_port_localhost_bob",
        "counts down from 100 with the other machine", "recvd")
    {
        BobEnds = "%sent x#01",
    };

    /// <summary>Sends up to ten megabytes and back.</summary>
    public static Demo Big(string name) => new Pair(
        name, "demo_port_localhost_big_ali", "demo_port_localhost_big_bob",
        "up to 10 MB go to the other machine and come back the same", "roundtrip equality:} 1")
    {
        BobEnds = "final equality results:} [1 1 1 1 1 1 1 1 1 1]",
    };

    /// <summary>Files are uploaded to one machine, and a browser gets them from another.
    /// </summary>
    public static Demo Stream(string name) => new Streamer(name);

    /// <summary>Takes files from a port.</summary>
    public static Demo Receive { get; } = new Keeping(
        "demo_portcat_file_recv", "takes a file from the port of another machine",
        "a second machine",
        (stage, machine) => Send(stage, machine, 5000, 0),
        (stage, machine, life) => Send(stage, machine, 5000 + life, life));

    private static Task Send(DemoStage stage, TriedMachine machine, int size, int life) =>
        Task.Run(() =>
        {
            var sender = stage.BootOurs(
                Ours("sender", "ali_seed_addr", [$"(barRep {size} 7)"]), $"sender{life}");
            sender.Start();
            machine.WaitFor($"recvd fileBar of size}} {size}]");
            sender.Kill();
        });

    /// <summary>A program that opens a port to an identity and sends bars over it, each after its
    /// length.</summary>
    private static string Ours(string module, string to, string[] bars) =>
        $$"""
        #### {{module}} <- prelude

        :| prelude
        :| demo_port_localhost

        = (send port bars return)
        | if (null bars) (return 0)
        @ bar (idx 0 bars)
        : _ < syscall (PORT_SEND port (natToSizedBar 8 (barLen bar)))
        : _ < syscall (PORT_SEND port bar)
        | send port (drop 1 bars) return

        = main
        | runCog
        & return
        @ [seed address] bob_seed_addr
        : reply < syscall (PORT_RQST seed [address (idx 1 {{to}}) NONE b#{}])
        | maybeCase (idx 2 reply) (return 0)
        & port
        : _ < send port [{{string.Join(' ', bars)}}]
        : _ < syscall (PORT_HOLD port)
        | return 0

        """;

    /// <summary>Two machines, one a client of the other.</summary>
    /// <param name="Under">The output of the client while it runs.</param>
    private sealed record Pair(string Name, string Ali, string Bob, string What, string Under)
        : Demo(Name, What, "a second machine")
    {
        public string? BobEnds { get; init; }

        public override Task<string[]> Try(DemoStage stage)
        {
            Run(stage, "whole", null);
            Run(stage, "stopped", machine => machine.Interrupt());
            Run(stage, "killed", machine => machine.Kill());
            return Task.FromResult<string[]>(
                ["ok", "its port has ended, which the program sees", "the same"]);
        }

        private void Run(DemoStage stage, string store, Action<TriedMachine>? end)
        {
            var ali = stage.Boot(Ali, store + "-ali");
            var bob = stage.Boot(Bob, store + "-bob");
            ali.Start();
            bob.Start();
            if (end is not null)
            {
                bob.WaitUntil(() => bob.HasEnded || bob.Said.Contains(Under), $"no {Under}");
                var victim = Name == Ali ? ali : bob;
                if (!victim.HasEnded)
                {
                    end(victim);
                    victim.Start();
                }
            }
            bob.WaitForEnd();
            if (end is null && BobEnds is not null)
                CheckFailed.Unless(bob.Words.Contains(BobEnds), $"bob said {bob.Said}");
            CheckFailed.Unless(bob.ExitCode == 0, $"bob ended with {bob.ExitCode}: {bob.Said}");
            // The server continues.
            ali.Interrupt(isEarly: end is not null);
        }
    }

    private sealed record Streamer(string Name)
        : Demo(Name, "a file is put by one machine and fetched by ranges through another",
            "a second and third machine, curl")
    {
        private bool IsAli => Name.EndsWith("ali", StringComparison.Ordinal);

        public override Task<string[]> Try(DemoStage stage)
        {
            var ali = stage.Boot("demo_port_localhost_streamer_ali", "ali");
            ali.Start();
            var upload = stage.BootOurs(
                Ours("upload", "ali_ul_seed_addr",
                    ["b#{/file/a}", "b#{text/plain}", "b#{some text for all}"]),
                "upload");
            upload.Start();
            ali.WaitFor("fileBody barLen} 17");
            upload.Kill();
            var bob = NewBob(stage, "bob0");
            Fetch(bob);
            Curl.Put(bob.Site + "/own.txt", "of bob", "content-type: text/plain").Expect(201);
            var victim = IsAli ? ali : bob;
            victim.Interrupt();
            victim.Start();
            Again(stage, bob, 1);
            victim.Kill();
            victim.Start();
            Again(stage, bob, 2);
            bob.Interrupt();
            ali.Interrupt();
            return Task.FromResult<string[]>(IsAli
                ? ["ok", "a new machine has the file", "a new machine has the file"]
                : ["ok", "its own file is there; its port has ended", "the same"]);
        }

        private void Again(DemoStage stage, TriedMachine bob, int life)
        {
            if (!IsAli)
            {
                Curl.Get(bob.Site + "/own.txt").Expect(200, "of bob");
                return;
            }
            var next = NewBob(stage, $"bob{life}");
            Fetch(next);
            next.Interrupt();
        }

        private static TriedMachine NewBob(DemoStage stage, string store)
        {
            var bob = stage.Boot("demo_port_localhost_streamer_bob", store);
            bob.Start();
            bob.WaitFor("files: }");
            CheckFailed.Unless(bob.Said.Contains("/file/a"), $"the file is not listed: {bob.Said}");
            return bob;
        }

        private static void Fetch(TriedMachine bob)
        {
            Curl.Get(bob.Site + "/file/a").Expect(206, "some text for all");
            Curl.Ask("-r", "5-9", bob.Site + "/file/a").Expect(206, "text");
        }
    }
}

namespace Pallas.RealClients;

/// <summary>The table of the reference's demos that have a main.</summary>
internal static class DemoList
{
    public static readonly Demo[] All =
    [
        new Ending("demo_cog_asktell_askcrash", "a tell that crashes is seen by asker and reaper",
            [@"\{PASS: "]),
        new Ending("demo_cog_asktell_basic", "four askers get forty different numbers",
            [@"%RESULTS", @"\{ALL TESTS PASSED\}"]),
        SiteDemos.Files("demo_cog_basic_http"),
        SiteDemos.Files("demo_cog_jekyll_backend"),
        SiteDemos.Notepad,
        new Ending("demo_cog_reap", "a cog that crashes is reaped", [@"%dieDemo", @"%reapVal"]),
        new Ending("demo_cog_sandbox", "a cog in a sandbox counts and is stopped",
            [@"%cogId \d+", @"%timeDemo 4", @"%stopVal"], "%timeDemo 4"),
        new Ending("demo_cog_spin", "a cog that is spun counts to its end",
            [@"%cogId \d+", "%timeDemo 4", "%timeDemo 3", "%timeDemo 2", "%timeDemo 1",
                "%timeDemo 0"],
            "%timeDemo 3"),
        new Ending("demo_cog_stop", "a cog is stopped; its state is returned",
            [@"%cogId \d+", @"%timeDemo 4", @"%stopVal"], "%timeDemo 4"),
        SiteDemos.Upgrade,
        new Ending("demo_cog_wait", "a cog that waits for another sees it stop",
            [@"%wait \d+", @"\{PASS: "]),
        new Counting("demo_count_up", "counts by one", @"\[\{counter is at\} (\d+)\]", 1),
        SiteDemos.TagSite,
        new Ending("demo_http_client", "requests a site (a proxy answers in its place)",
            [@"=request", @"=response", @"200", @"responseBody=\(b#\{192\.0\.2\.1\}\)"])
        {
            NetSays = "192.0.2.1",
        },
        SiteDemos.Hello,
        new Keeping("demo_hw_what", "the set of devices is returned and waited for",
            "pallas status",
            (_, machine) => Task.Run(() => machine.WaitFor("[%hardware %[")),
            (_, machine, _) => Task.Run(() => CheckFailed.Unless(
                machine.Cogs().Contains("[%what %["), "it does not wait for another set"))),
        SiteDemos.Gallery,
        SiteDemos.Mandelbrot,
        new Ending("demo_mvars", "threads and boxes, one after the other and together",
            [@"\{TIME_WHEN\} \[off=2\]", @"\{TIME_WHEN\} \[off=0\]", "forTime", "forPar"],
            "[off=0]"),
        new Ending("demo_no_claim_fork_and_send",
            "an older interface: sends no request", []),
        new Ending("demo_parallel_mandelbrot", "32 lines, each in an evaluation of its own",
            [@"=ppm", @"P3", @"32 32", @"255"]),
        new Prompt("demo_pmap_eval", "no main: receives the answers of six evaluations",
            "pmaptest 0 [0 2] 1 [0 4] 2 [0 6] 3 [0 8] 4 [0 10] 5 [0 12]", "[2 4 6 8 10 12]"),
        new Keeping("demo_poke", "prints what is poked", "pallas poke",
            (stage, machine) => Poke(stage, machine, 7),
            (stage, machine, life) => Poke(stage, machine, 7 + life)),
        new Ending("demo_port_localhost", "three identities are made",
            [@"ali_seed_addr", @"bob_seed_addr", @"ali_ul_seed_addr"]),
        PortDemos.Chat("demo_port_localhost_ali"),
        PortDemos.Chat("demo_port_localhost_bob"),
        PortDemos.Big("demo_port_localhost_big_ali"),
        PortDemos.Big("demo_port_localhost_big_bob"),
        PortDemos.Stream("demo_port_localhost_streamer_ali"),
        PortDemos.Stream("demo_port_localhost_streamer_bob"),
        PortDemos.Receive,
        new Ending("demo_random_number", "random bytes, five to none",
            [@"bytes=", @"bytes=", @"bytes=", @"bytes=", @"bytes=", @"bytes=\(b#\{\}\)"]),
        new Filter("demo_rex_repl", "reads Rex from standard input and prints it"),
        SiteDemos.RunCog,
        new Ending("demo_telnet_hello_listen",
            "an older interface: sends no request", []),
        new Counting("demo_threads", "a counter shared by threads", @"count=(\d+)", 1),
        new Ending("demo_timer", "counts five seconds",
            ["%timeDemo 4", "%timeDemo 3", "%timeDemo 2", "%timeDemo 1", "%timeDemo 0"],
            "%timeDemo 3"),
        new Unanswered("demo_token_ring", "makes identities; its sends have an older shape"),
        new Unanswered("demo_token_ring_ali", "its requests have an older shape"),
        new Unanswered("demo_token_ring_bob", "its requests have an older shape"),
        new Unanswered("demo_token_ring_chr", "its requests have an older shape"),
        new Counting("demo_wait_loop", "prints the time every second",
            @"\{the time is\}=(\d+)", 0),
        SiteDemos.Login,
    ];

    /// <summary>A demo that is a function for the prompt.</summary>
    private sealed record Prompt(string Name, string What, string Typed, string Shown)
        : Demo(Name, What, "pallas sire")
    {
        public override Task<string[]> Try(DemoStage stage)
        {
            var said = stage.Pallas.Filter(
                ["sire", Path.Combine(stage.Sire, SireFile)], $"\n{Typed}\n\n");
            CheckFailed.Unless(said.Contains($"\n{Shown}\n"), $"it said {said}");
            return Task.FromResult<string[]>(["ok", "keeps nothing", "keeps nothing"]);
        }
    }

    private static Task Poke(DemoStage stage, TriedMachine machine, int number) => Task.Run(() =>
    {
        var file = Path.Combine(stage.Work, "poked.sire");
        File.WriteAllText(file, $"#### poked <- prelude\n\n:| prelude\n\n= main | [{number} 5]\n");
        machine.WaitUntil(
            () => File.Exists(Path.Combine(machine.Folder, "control")), "it does not run");
        stage.Pallas.Run(null, "poke", machine.Folder, "listen", file);
        machine.WaitFor($"val=[{number} 5]");
    });

    /// <summary>A demo that is a filter, not a cog.</summary>
    private sealed record Filter(string Name, string What) : Demo(Name, What, "pallas repl")
    {
        public override Task<string[]> Try(DemoStage stage)
        {
            var seed = Path.Combine(stage.Work, "filter.seed");
            stage.Pallas.Run(stage.Sire, "save", seed, SireFile);
            var said = stage.Pallas.Filter(["repl", seed], "| add 3\n  4\n\n");
            CheckFailed.Unless(said == "| add 3 4\n\n", $"it said {said}");
            return Task.FromResult<string[]>(["ok", "keeps nothing", "keeps nothing"]);
        }
    }
}

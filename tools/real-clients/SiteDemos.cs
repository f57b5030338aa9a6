using System.Text.Json;

namespace Pallas.RealClients;

/// <summary>The demos that are web sites.</summary>
internal static class SiteDemos
{
    private const string Key = "authorization: v@p0rvv@r3";

    // Signed by a key for this test. In the hashes of both, no word of eight bytes ends in
    // a zero: the reference's Sire code for Keccak leaves such bytes out.
    private const string Wallet = "0x3b9159952e217f7cd51a47bcdfa088c16eac8ae2";
    private const string Message = "it is me";
    private const string Signature =
        "0x6c28994e0549c4077d55ccd033216cf11587d0e5288bf4bcff032ee30f1024b1"
        + "2d0b10844c38f84718237110264f1cebbf38c588b04c1d3293945ffb27b588f71c";

    private const string Pictures = """
        {"images":[
          {"id":1,"tags":["blue","sea"],"representations":{"thumb":"http://x/1.png"}},
          {"id":2,"tags":["blue","sky"],"representations":{"thumb":"http://x/2.png"}}]}
        """;

    private const string Address = $$"""{"address":"{{Wallet}}"}""";

    private static readonly (string Path, string Text)[] GalleryFiles =
    [
        ("/framer/images/0.png", "zero"),
        ("/framer/images/1.png", "one"),
        ("/framer/0.html", "<p>0"),
    ];

    /// <summary>Files are put and fetched.</summary>
    public static Demo Files(string name) => new Keeping(
        name, "files are uploaded, listed and downloaded; a folder's index; other methods", "curl",
        Do((_, machine) =>
        {
            Curl.Put(machine.Site + "/a/index.html", "<p>one", "content-type: text/html")
                .Expect(201);
            // The page lists the earlier files.
            Curl.Put(machine.Site + "/b.txt", "two", "content-type: text/plain")
                .Expect(201, "/a/index.html");
            Curl.Ask("-X", "OPTIONS", machine.Site + "/b.txt").Expect(200);
            Curl.Post(machine.Site + "/b.txt", "x").Expect(400);
        }),
        Look((_, machine, _) =>
        {
            Curl.Get(machine.Site + "/a/").Expect(200, "<p>one");
            Curl.Get(machine.Site + "/b.txt").Expect(200, "two");
            CheckFailed.Unless(
                Curl.Get(machine.Site + "/b.txt").HasHeader("content-type: text/plain"),
                "the type is another one");
        }));

    public static Demo Notepad { get; } = new Keeping(
        "demo_cog_notepad", "a note is typed and saved; a file is put at its second cog's site",
        "chromium, curl",
        async (stage, machine) =>
        {
            var (note, files) = await NotepadSites(machine);
            Curl.Put(files + "/a.txt", "in a file", "content-type: text/plain").Expect(201);
            await using var page = await stage.Browser.Show(note + "/");
            await page.Until("document.getElementById('editor').value.length > 0");
            await page.Page.FillAsync("#editor", "# Typed by a browser");
            await page.Until("document.getElementById('status').innerText === 'Saved!'");
            await page.Until("document.querySelector('#preview h1').innerText.startsWith('Typed')");
            await page.Shoot("notepad");
        },
        async (stage, machine, _) =>
        {
            var (note, files) = await NotepadSites(machine);
            Curl.Get(note + "/note").Expect(200, "# Typed by a browser");
            Curl.Get(files + "/files").Expect(200, "/a.txt");
            Curl.Get(files + "/a.txt").Expect(200, "in a file");
            await using var page = await stage.Browser.Show(note + "/");
            await page.Until("document.getElementById('editor').value === '# Typed by a browser'");
        });

    public static Demo Upgrade { get; } = new Keeping(
        "demo_cog_upgrade", "refuses invalid requests; becomes another demo from its seed",
        "curl",
        Do((stage, machine) =>
        {
            Curl.Get(machine.Site + "/").Expect(404, "Not Found");
            Curl.Get(machine.Site + "/become").Expect(400, "Not a POST");
            var seed = Path.Combine(stage.Work, "hello.seed");
            stage.Pallas.Run(stage.Sire, "save", seed, "demo_http_hello.sire");
            // The demo never answers this request: its program has ended.
            Finished.Run(null, "curl", "-s", "-m", "2", "--data-binary", $"@{seed}",
                machine.Site + "/become");
            Curl.Put(machine.Site + "/a", "kept").Expect(201);
        }),
        Look((_, machine, _) => Curl.Get(machine.Site + "/a").Expect(200, "kept")));

    public static Demo Hello { get; } = new Keeping(
        "demo_http_hello", "a page is put and fetched; a POST shuts it down", "curl",
        Do((_, machine) =>
        {
            Curl.Get(machine.Site + "/a").Expect(404);
            Curl.Put(machine.Site + "/a", "kept").Expect(201);
            Curl.Post(machine.Site + "/b", "x").Expect(400);
        }),
        Look((_, machine, _) => Curl.Get(machine.Site + "/a").Expect(200, "kept")))
    {
        End = Do((_, machine) =>
        {
            Finished.Run(null, "curl", "-s", "-m", "10", "-d", "x", machine.Site + "/shutdown");
            machine.WaitForEnd();
            CheckFailed.Unless(machine.Said.Contains("has finished"), "it did not finish");
        }),
    };

    public static Demo TagSite { get; } = new Keeping(
        "demo_full_tag_site", "pictures and tags are learned and searched; a file is put", "curl",
        Do((_, machine) =>
        {
            Curl.Put(machine.Site + "/a.html", "<p>a", "content-type: text/html").Expect(201);
            Curl.Post(machine.Site + "/learn", Pictures, "content-type: application/json")
                .Expect(200);
            Curl.Post(machine.Site + "/learn", "no JSON").Expect(500);
            Curl.Post(machine.Site + "/search", Search("blue", "red")).Expect(200, "BadTag");
        }),
        Look((_, machine, _) =>
        {
            Curl.Get(machine.Site + "/a.html").Expect(200, "<p>a");
            Curl.Get(machine.Site + "/favicon.ico").Expect(200);
            var found = Curl.Post(machine.Site + "/search", Search("blue", "sky"));
            found.Expect(200, "\"OK\"");
            CheckFailed.Unless(
                found.Body.Contains("http://x/2.png") && !found.Body.Contains("http://x/1.png"),
                $"not the second picture: {found.Body}");
            Curl.Post(machine.Site + "/search", """{"tag":"Status"}""").Expect(200, "\"imgs\":2");
        }));

    public static Demo Gallery { get; } = new Keeping(
        "demo_image_gallery",
        "files with the key; frames forward and back; a login with a signature", "curl",
        Do((stage, machine) =>
        {
            Curl.Put(machine.Site + "/framer/images/0.png", "zero").Expect(401);
            foreach (var (path, text) in GalleryFiles)
                Curl.Put(machine.Site + path, text, Key, "content-type: text/html").Expect(201);
            Curl.Ask(machine.Site + "/profile").Expect(401);
            Curl.Post(machine.Site + "/set-address", Address).Expect(401);
            Curl.Post(machine.Site + "/set-address", Address, Key).Expect(200);
            LogIn(stage, machine);
        }),
        Look((stage, machine, _) =>
        {
            foreach (var (path, text) in GalleryFiles)
                Curl.Get(machine.Site + path).Expect(200, text);
            Frame(machine, "/framer/change/0.html", 3, "/framer/1.html");
            Frame(machine, "/framer/change/1.html", 3, "/framer/0.html");
            Frame(machine, "/framer/change/0.html", 1, "/framer/1.html");
            Curl.Ask("-H", $"cookie: {Cookie(stage)}", machine.Site + "/profile").Expect(200);
        }));

    public static Demo Login { get; } = new Keeping(
        "demo_web3_login", "a login with a wallet's signature (signed here, by no real wallet)",
        "curl",
        Do((stage, machine) =>
        {
            Curl.Put(machine.Site + "/a.html", "<p>a").Expect(201);
            Curl.Ask("-H", "host: elsewhere", "-X", "PUT", "-d", "x", machine.Site + "/b.html")
                .Expect(401);
            Curl.Ask(machine.Site + "/profile").Expect(401);
            Curl.Post(machine.Site + "/set-address", Address).Expect(200);
            LogIn(stage, machine);
        }),
        Look((stage, machine, _) =>
        {
            Curl.Get(machine.Site + "/a.html").Expect(200, "<p>a");
            Curl.Ask("-H", $"cookie: {Cookie(stage)}", machine.Site + "/profile").Expect(200);
            Curl.Ask("-H", "cookie: plundauth-x=1", machine.Site + "/profile").Expect(401);
        }));

    public static Demo Mandelbrot { get; } = new Keeping(
        "demo_mandelbrot_ui",
        "its page is uploaded; in a browser, 24 by 16 points are computed and painted",
        "chromium, curl",
        async (stage, machine) =>
        {
            foreach (var name in new[] { "index.html", "main.js" })
            {
                Curl.PutFile(
                    $"{machine.Site}/{name}", Path.Combine(stage.Pages, "mandelbrot-ui", name))
                    .Expect(201);
            }
            await Paint(stage, machine);
        },
        async (stage, machine, _) => await Paint(stage, machine));

    public static Demo RunCog { get; } = new Keeping(
        "demo_runcog_site", "cogs are spun, listed and stopped; a file is put", "curl",
        Do((_, machine) =>
        {
            Curl.Put(machine.Site + "/a.txt", "a file", "content-type: text/plain").Expect(201);
            var spun = JsonDocument.Parse(Curl.Post(machine.Site + "/spin", "x").Body);
            var cog = spun.RootElement.GetProperty("cogid").GetString();
            Curl.Get(machine.Site + "/status").Expect(200, $"\"cogid\":\"{cog}\"");
            Curl.Get(machine.Site + "/status").Expect(200, "Spinning");
            Curl.Post(machine.Site + "/stop", $$"""{"cogid":"{{cog}}"}""").Expect(200);
            Curl.Post(machine.Site + "/stop", "nonsense").Expect(400);
        }),
        Look((_, machine, _) =>
        {
            Curl.Get(machine.Site + "/a.txt").Expect(200, "a file");
            Curl.Get(machine.Site + "/status").Expect(200, "Finished");
        }));

    private static string Search(params string[] tags) =>
        JsonSerializer.Serialize(new { tag = "Search", contents = new { offset = 0, tags } });

    private static void Frame(TriedMachine machine, string path, int button, string next)
    {
        var answer = Curl.Post(
            machine.Site + path,
            JsonSerializer.Serialize(new { untrustedData = new { buttonIndex = button } }));
        answer.Expect(302);
        CheckFailed.Unless(
            answer.Head.Contains($"{next}\r", StringComparison.Ordinal)
                || answer.Head.EndsWith(next, StringComparison.Ordinal),
            $"button {button} at {path} leads to {answer.Head}");
    }

    private static void LogIn(DemoStage stage, TriedMachine machine)
    {
        string Body(string message) => JsonSerializer.Serialize(
            new { address = Wallet, signature = Signature, message });
        Curl.Post(machine.Site + "/login", Body("let me out")).Expect(401);
        var answer = Curl.Post(machine.Site + "/login", Body(Message));
        answer.Expect(200);
        const string Name = "set-cookie:";
        var line = answer.Head.Split("\r\n")
            .FirstOrDefault(each => each.StartsWith(Name, StringComparison.OrdinalIgnoreCase))
            ?? throw new CheckFailed($"no cookie in {answer.Head}");
        File.WriteAllText(Path.Combine(stage.Work, "cookie"), line[Name.Length..].Trim());
    }

    private static string Cookie(DemoStage stage) =>
        File.ReadAllText(Path.Combine(stage.Work, "cookie"));

    private static async Task Paint(DemoStage stage, TriedMachine machine)
    {
        await using var page = await stage.Browser.Show(machine.Site + "/index.html");
        await page.Page.FillAsync("#canvas_width", "24");
        await page.Page.FillAsync("#canvas_height", "16");
        await page.Page.ClickAsync("#resize_btn");
        await page.Page.ClickAsync("#goButton");
        await page.Until(
            """
            (() => {
              const canvas = document.querySelector("canvas");
              const points = canvas.getContext("2d").getImageData(0, 0, 24, 16).data;
              const colours = new Set();
              for (let at = 0; at < points.length; at += 4)
                colours.add(points.slice(at, at + 4).join());
              return points[3] === 255 && colours.size > 3;
            })()
            """);
        await page.Shoot("mandelbrot");
    }

    /// <summary>Which of the two cogs has the note, and which the files.</summary>
    private static Task<(string Note, string Files)> NotepadSites(TriedMachine machine) =>
        Task.Run(() =>
        {
            machine.WaitUntil(() => machine.Sites.Length == 2, "it has not two sites");
            var isFirst = Curl.Get(machine.Sites[0] + "/note").Code == 200;
            return isFirst
                ? (machine.Sites[0], machine.Sites[1])
                : (machine.Sites[1], machine.Sites[0]);
        });

    private static Func<DemoStage, TriedMachine, Task> Do(Action<DemoStage, TriedMachine> action) =>
        (stage, machine) => Task.Run(() => action(stage, machine));

    private static Func<DemoStage, TriedMachine, int, Task> Look(
        Action<DemoStage, TriedMachine, int> action) =>
        (stage, machine, life) => Task.Run(() => action(stage, machine, life));
}

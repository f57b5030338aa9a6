using System.Diagnostics;

namespace Pallas.RealClients;

/// <summary>Our examples with a page, in a browser, before and after a kill.</summary>
internal static class PageChecks
{
    private sealed record Check(
        string Name, string What,
        Func<BrowserPage, Browser, string, Task> Before, Func<BrowserPage, Task> After);

    /// <summary>For each page the actions, and the expected content after a kill.</summary>
    private static readonly Check[] Checks =
    [
        new("notepad", "what is typed is saved",
            async (page, _, _) =>
            {
                await page.Until("state.textContent === 'loaded'");
                await page.Page.FillAsync("#note", "Milk, bread, Käse.");
                await page.Until("state.textContent === 'saved'");
            },
            page => page.Until("note.value === 'Milk, bread, Käse.'")),
        new("files", "a file is put and listed",
            async (page, _, folder) =>
            {
                var file = Path.Combine(folder, "a file.txt");
                await File.WriteAllTextAsync(file, "in the file");
                await page.Page.SetInputFilesAsync("#pick", file);
                await page.Until("list.innerText.includes('a file.txt')");
            },
            async page =>
            {
                await page.Until("list.innerText.includes('a file.txt')");
                await page.Page.ClickAsync("#list a");
                await page.Until("document.body.innerText.includes('in the file')");
                await page.Page.GoBackAsync();
                await page.Until("list.innerText.includes('a file.txt')");
            }),
        new("gallery", "a picture is hung up",
            async (page, browser, folder) =>
            {
                // The picture is one of the gallery itself.
                await page.Page.SetInputFilesAsync("#pick", await page.Shoot("gallery-empty"));
                await Seen(page, "wall");
            },
            page => Seen(page, "wall")),
        new("mandelbrot", "sixteen pictures are computed, and sixteen more where it is clicked",
            async (page, _, _) =>
            {
                await Seen(page, "set");
                await page.Page.ClickAsync("#set img:nth-child(6)");
                await page.Until("set.children[0].src.includes('/tile/3/')");
                await Seen(page, "set");
            },
            page => Seen(page, "set")),
        new("chat", "what one says, two see",
            async (page, browser, folder) =>
            {
                await using var other = await browser.Show(page.Page.Url);
                foreach (var each in new[] { page, other })
                    await each.Until("state.textContent === 'connected'");
                await page.Page.FillAsync("#say", "is this on?");
                await page.Page.PressAsync("#say", "Enter");
                await other.Until("said.innerText.includes('is this on?')");
                await other.Page.FillAsync("#say", "<b>I am</b>");
                await other.Page.PressAsync("#say", "Enter");
                await page.Until("said.innerText.includes('<b>I am</b>')");
            },
            page => page.Until("said.innerText === 'is this on?\\n<b>I am</b>'")),
    ];

    /// <returns>Whether all checks succeeded.</returns>
    public static async Task<bool> Run()
    {
        var pallas = PallasProgram.Find();
        var shots = Path.Combine(PallasProgram.Root, "artifacts", "pages");
        await using var browser = await Browser.Open(shots);
        var work = Directory.CreateTempSubdirectory("pallas-pages-").FullName;
        var isGood = true;
        try
        {
            foreach (var check in Checks)
                isGood &= await Try(pallas, browser, work, check);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
        Console.WriteLine($"screenshots are in {shots}");
        return isGood;
    }

    private static async Task<bool> Try(
        PallasProgram pallas, Browser browser, string work, Check check)
    {
        var clock = Stopwatch.StartNew();
        using var machine = new TriedMachine(pallas, Path.Combine(work, check.Name), 0);
        try
        {
            machine.Boot(Path.Combine(
                PallasProgram.Root, "examples", check.Name, $"{check.Name}.sire"));
            machine.Start();
            await using (var page = await browser.Show(machine.Site + "/"))
                await check.Before(page, browser, work);
            machine.Kill();
            machine.Start();
            await using (var page = await browser.Show(machine.Site + "/"))
            {
                await check.After(page);
                await page.Shoot(check.Name);
            }
            machine.Interrupt();
            Console.WriteLine(
                $"{check.Name}: {check.What}; after kill -9 it is there "
                    + $"({clock.Elapsed.TotalSeconds:0.0} s)");
            return true;
        }
        catch (Exception error)
        {
            Console.WriteLine($"{check.Name}: {check.What}: FAILED: {error.Message}");
            return false;
        }
    }

    /// <summary>All pictures of an element are loaded, and have more than one colour.</summary>
    private static Task Seen(BrowserPage page, string id) => page.Until(
        $$"""
        (() => {
          const pictures = [...document.querySelectorAll("#{{id}} img")];
          if (pictures.length === 0 || !pictures.every(each => each.complete && each.naturalWidth))
            return false;
          const canvas = document.createElement("canvas");
          canvas.width = canvas.height = 32 * pictures.length;
          const context = canvas.getContext("2d");
          pictures.forEach((each, at) => context.drawImage(each, 32 * at, 0, 32, 32));
          const points = context.getImageData(0, 0, 32 * pictures.length, 32).data;
          return points.some((each, at) => at >= 4 && at % 4 < 3 && each !== points[at % 4]);
        })()
        """);
}

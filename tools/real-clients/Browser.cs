using Microsoft.Playwright;

namespace Pallas.RealClients;

/// <summary>The Chromium of this computer, driven by Playwright.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Names =
        ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private readonly IPlaywright playwright;
    private readonly IBrowser browser;
    private readonly string shots;
    private readonly string? cdn;

    private Browser(IPlaywright playwright, IBrowser browser, string shots, string? cdn)
    {
        this.playwright = playwright;
        this.browser = browser;
        this.shots = shots;
        this.cdn = cdn;
    }

    /// <param name="shots">The folder for screenshots.</param>
    /// <param name="cdn">A folder with the scripts that pages load from other sites.</param>
    public static async Task<Browser> Open(string shots, string? cdn = null)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        var path = folders.SelectMany(folder => Names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists)
            ?? throw new CheckFailed(
                $"there is no browser: none of {string.Join(", ", Names)} is in the PATH");
        Directory.CreateDirectory(shots);
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = path,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        });
        return new Browser(playwright, browser, shots, cdn);
    }

    /// <summary>A page in a new window; an exception in its scripts fails the check.</summary>
    public async Task<BrowserPage> Show(string url)
    {
        var page = await browser.NewPageAsync();
        var errors = new List<string>();
        page.PageError += (_, error) => errors.Add(error);
        if (cdn is not null)
            await page.RouteAsync("https://cdn.jsdelivr.net/**", Serve);
        await page.GotoAsync(url);
        return new BrowserPage(page, errors, shots);
    }

    private Task Serve(IRoute route)
    {
        var name = Path.GetFileName(new Uri(route.Request.Url).AbsolutePath);
        return route.FulfillAsync(new()
        {
            ContentType = "text/javascript",
            Path = Path.Combine(cdn!, name),
        });
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}

/// <summary>An open page.</summary>
internal sealed class BrowserPage(IPage page, List<string> errors, string shots) : IAsyncDisposable
{
    public IPage Page => page;

    /// <summary>Waits until an expression of JavaScript is true.</summary>
    public async Task Until(string expression)
    {
        try
        {
            await page.WaitForFunctionAsync(expression, null, new() { Timeout = 60_000 });
        }
        catch (TimeoutException)
        {
            throw new CheckFailed($"never true: {expression}; {string.Join("; ", errors)}");
        }
    }

    public Task<T> Value<T>(string expression) => page.EvaluateAsync<T>(expression);

    /// <returns>The file of the picture.</returns>
    public async Task<string> Shoot(string name)
    {
        CheckFailed.Unless(errors.Count == 0, $"the page failed: {string.Join("; ", errors)}");
        var path = Path.Combine(shots, $"{name}.png");
        await page.ScreenshotAsync(new() { Path = path });
        return path;
    }

    public async ValueTask DisposeAsync() => await page.CloseAsync();
}

using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>Where a machine listens, and how its site is found.</summary>
[Collection(CliCollection.Name)]
public sealed class NetworkCommandTests(CliHome home)
{
    [Fact]
    public async Task A_site_has_the_port_of_its_option_and_open_finds_it()
    {
        var folder = home.NewFolder();
        File.Copy(
            Path.Combine(Golden.Root, "examples", "hello-http", "hello_http.sire"),
            Path.Combine(folder, "hello_http.sire"));
        Assert.Equal(0, home.Run(folder, "", "boot", "m", "hello_http.sire").ExitCode);
        var none = home.Run(folder, "", "open", "m");
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("no cog serves a site", none.Error);

        var port = FreePort();
        using var machine = home.Start(folder, ["start", "m", "--http-port", $"{port}"]);
        machine.WaitForLine($"http://localhost:{port}/");
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
        var url = $"http://127.0.0.1:{port}/";
        var page = await client.GetStringAsync(
            url, TestContext.Current.CancellationToken);
        Assert.Contains("1", page);
        var found = home.Run(folder, "", "open", "m", "--print");
        Assert.Equal(new CliResult(0, $"http://localhost:{port}/\n", ""), found);

        Assert.Equal(0, home.Run(folder, "", "boot", "n", "hello_http.sire").ExitCode);
        var taken = home.Run(folder, "", "start", "n", "--http-port", $"{port}");
        Assert.Equal(1, taken.ExitCode);
        Assert.StartsWith($"pallas: cannot listen on port {port} of 127.0.0.1: ", taken.Error);
        Assert.Contains("another program listens there\nhint: ", taken.Error);
        Assert.Equal(0, machine.Stop("INT").ExitCode);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

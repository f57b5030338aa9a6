using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>Where a machine listens, and how its site is found.</summary>
[Collection(CliCollection.Name)]
public sealed class NetworkCommandTests(CliHome home)
{
    [Fact]
    public async Task A_site_has_the_port_that_it_is_told_and_open_finds_it()
    {
        var folder = home.NewFolder();
        File.Copy(
            Path.Combine(Golden.Root, "examples", "hello-http", "hello_http.sire"),
            Path.Combine(folder, "hello_http.sire"));
        Assert.Equal(0, home.Run(folder, "", "boot", "m", "hello_http.sire").ExitCode);
        var none = home.Run(folder, "", "open", "m");
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("no cog of it has a site", none.Error);

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
        Assert.StartsWith($"pallas: port {port} of 127.0.0.1 cannot be had", taken.Error);
        Assert.Contains("\nhint: another program listens there", taken.Error);
        Assert.Equal(0, machine.Stop("INT").ExitCode);
    }

    [Theory]
    [InlineData("--http-port", "x", "--http-port needs a port from 1 to 65535, not x")]
    [InlineData("--http-port", "a=80", "--http-port needs PORT or COG=PORT, not a=80")]
    [InlineData("--bind", "here", "--bind needs an address, not here")]
    [InlineData("--bind", "192.0.2.1", "--bind 192.0.2.1 cannot be had: ")]
    public void What_is_no_address_is_a_mistake(string option, string value, string message)
    {
        var result = home.Run(home.NewFolder(), "", "start", "m", option, value);
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith($"pallas: {message}", result.Error);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pallas.Cli.Render;
using Pallas.Devices.Sockets;
using Pallas.Machine;

namespace Pallas.Cli.Options;

/// <summary>Where a machine listens.</summary>
internal sealed class NetworkOptionSet
{
    private readonly Option<string[]> httpPort = new("--http-port")
    {
        Description = "The port of the first cog that serves HTTP, or of a certain one.",
        HelpName = "[COG=]PORT",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> bind = new("--bind")
    {
        Description = "The address to listen on, instead of the loopback address.",
        HelpName = "ADDRESS",
    };

    private readonly Option<int> routerPort = RouterPort();

    /// <summary>The port where the machines of this computer find each other.</summary>
    public static Option<int> RouterPort() => new("--router-port")
    {
        Description = "The port of this computer's router for %port.",
        HelpName = "PORT",
        DefaultValueFactory = _ => NetworkOptions.DefaultRouterPort,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(httpPort);
        command.Options.Add(bind);
        command.Options.Add(routerPort);
    }

    public NetworkOptions Read(ParseResult parsed)
    {
        var options = new NetworkOptions();
        var ports = new Dictionary<CogId, int>();
        foreach (var text in parsed.GetValue(httpPort) ?? [])
        {
            var parts = text.Split('=');
            var port = PortOf(parts[^1]);
            if (parts.Length == 1)
                options = options with { HttpPort = port };
            else if (parts.Length == 2 && CogOf(parts[0]) is { } cog)
                ports[cog] = port;
            else
                throw Failure.Mistake(
                    $"{httpPort.Name} cannot be {text}\nhint: give PORT or COG=PORT");
        }
        if (parsed.GetValue(bind) is { } host)
        {
            var address = Read(host);
            CheckCanListen(address, 0, $"{host} ({bind.Name})");
            options = options with { Address = address };
        }
        foreach (var port in ports.Values.Append(options.HttpPort).Where(port => port != 0))
        {
            var address = options.Address;
            CheckCanListen(address, port, $"port {port} of {address}");
        }
        return options with { HttpPorts = ports, RouterPort = parsed.GetValue(routerPort) };
    }

    private static CogId? CogOf(string text) =>
        ulong.TryParse(text, CultureInfo.InvariantCulture, out var number)
            ? new CogId(number)
            : null;

    private int PortOf(string text) =>
        ushort.TryParse(text, CultureInfo.InvariantCulture, out var port) && port > 0
            ? port
            : throw Failure.Mistake(
                $"{httpPort.Name} cannot be {text}\nhint: a port is a number from 1 to 65535");

    private IPAddress Read(string text) =>
        text == "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(text, out var address) ? address
        : throw Failure.Mistake(
            $"{bind.Name} cannot be {text}\n"
            + "hint: give an IP address of this computer; 0.0.0.0 listens on all of IPv4");

    /// <summary>Refuses a port in use and an address of another computer before the machine runs.
    /// </summary>
    /// <remarks>Binds without listening: an early client would connect and be dropped.</remarks>
    /// <param name="port">0 for any.</param>
    private static void CheckCanListen(IPAddress address, int port, string what)
    {
        try
        {
            using var socket = new Socket(
                address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
        }
        catch (SocketException error)
        {
            throw Failure.Mistake($"cannot listen on {what}: {ReasonFor(error)}");
        }
    }

    private static string ReasonFor(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.AddressNotAvailable =>
            "the address does not belong to this computer\n"
            + "hint: 0.0.0.0 listens on all addresses of this computer",
        SocketError.AddressAlreadyInUse =>
            "another program listens there\nhint: choose another port, or stop that program",
        SocketError.AccessDenied =>
            "the system does not permit it\nhint: choose a port above 1023",
        _ => error.Message,
    };
}

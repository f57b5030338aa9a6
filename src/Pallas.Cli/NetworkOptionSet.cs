using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pallas.Devices.Sockets;
using Pallas.Machine;

namespace Pallas.Cli;

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

    /// <summary>Where the machines of this computer find each other.</summary>
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
                throw Failure.Mistake($"{httpPort.Name} needs PORT or COG=PORT, not {text}");
        }
        if (parsed.GetValue(bind) is { } host)
        {
            var address = Read(host);
            CheckFree(address, 0, $"{bind.Name} {host}");
            options = options with { Address = address };
        }
        foreach (var port in ports.Values.Append(options.HttpPort).Where(port => port != 0))
        {
            var address = options.Address;
            CheckFree(address, port, $"port {port} of {address}");
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
            : throw Failure.Mistake($"{httpPort.Name} needs a port from 1 to 65535, not {text}");

    private IPAddress Read(string text) =>
        text == "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(text, out var address) ? address
        : throw Failure.Mistake(
            $"{bind.Name} needs an address, not {text}\nhint: 0.0.0.0 is all of IPv4");

    /// <summary>Told before the machine runs, a port in use or an address of somebody else's is a
    /// mistake and no surprise.</summary>
    /// <remarks>Without listening: a client that comes early would be taken and dropped.</remarks>
    /// <param name="port">0 for any.</param>
    private static void CheckFree(IPAddress address, int port, string what)
    {
        try
        {
            using var socket = new Socket(
                address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
        }
        catch (SocketException error)
        {
            throw Failure.Mistake($"{what} cannot be had: {error.Message}{HintFor(error)}");
        }
    }

    private static string HintFor(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse =>
            "\nhint: another program listens there, or a machine that runs; take another port",
        SocketError.AccessDenied => "\nhint: ports below 1024 are not for everybody",
        _ => "",
    };
}

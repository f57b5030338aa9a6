using Pallas.Devices.Http;
using Pallas.Devices.Port;
using Pallas.Devices.Sockets;
using Pallas.Machine;

namespace Pallas.Devices;

/// <summary>The table of devices, one line each.</summary>
public static class DeviceList
{
    public static IReadOnlyList<IDevice> MakeAll(
        MachineContext context, NetworkOptions network, PokeDevice poke)
    {
        var http = new HttpDevice(context, network);
        return
        [
            new TimeDevice(context.Time),
            new RandDevice(context.FillRandom),
            http,
            new WockDevice(context, network, http),
            new SockDevice(context, network),
            new TcpDevice(context, network),
            new PortDevice(context, network),
            poke,
        ];
    }
}

namespace Pallas.Machine.Devices;

/// <summary>The table of devices: one line for each.</summary>
public static class DeviceList
{
    public static IReadOnlyList<IDevice> MakeAll(MachineOptions options)
    {
        var http = new HttpDevice(options);
        return
        [
            new TimeDevice(options.Time),
            new RandDevice(options.FillRandom),
            http,
            new WockDevice(options, http),
            new SockDevice(options),
            new TcpDevice(options),
            new PortDevice(options),
            new PokeDevice(),
        ];
    }
}

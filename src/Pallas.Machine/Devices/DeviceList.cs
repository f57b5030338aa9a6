namespace Pallas.Machine.Devices;

/// <summary>The table of devices: one line for each.</summary>
public static class DeviceList
{
    public static IReadOnlyList<IDevice> MakeAll(MachineOptions options) =>
    [
        new TimeDevice(options.Time),
        new RandDevice(options.FillRandom),
        new HttpDevice(options),
    ];
}

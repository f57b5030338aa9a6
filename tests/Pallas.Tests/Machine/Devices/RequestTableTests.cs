using Pallas.Devices;
using Pallas.Devices.Sockets;
using Pallas.Fuzz;
using Pallas.Machine;
using Xunit;

namespace Pallas.Tests.Machine.Devices;

public sealed class RequestTableTests
{
    [Fact]
    public void The_page_shows_the_tables_of_the_devices()
    {
        var devices = DeviceList.MakeAll(
            TestEval.Machine, new NetworkOptions(), new PokeDevice());
        try
        {
            var table = RequestTable.Print(devices);
            var page = File.ReadAllText(
                Path.Combine(Golden.Root, "docs", "reference", "requests.md"));
            Assert.True(
                page.Contains(table, StringComparison.Ordinal),
                $"docs/reference/requests.md should contain:\n{table}");
        }
        finally
        {
            foreach (var device in devices)
                device.Dispose();
        }
    }

    [Fact]
    public void Every_device_has_a_driver_for_the_contract_tests()
    {
        var devices = DeviceList.MakeAll(
            TestEval.Machine, new NetworkOptions(), new PokeDevice());
        Assert.Equal(
            devices.Select(device => device.Name).Order(), DeviceDriver.Names.Order());
        foreach (var device in devices)
            device.Dispose();
    }
}

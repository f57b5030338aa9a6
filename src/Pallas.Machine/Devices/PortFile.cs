using System.Globalization;

namespace Pallas.Machine.Devices;

/// <summary>A file in the machine's folder that holds a port while something listens there.
/// </summary>
internal sealed class PortFile : IDisposable
{
    private readonly string path;
    private readonly Action<string>? report;

    private PortFile(string path, Action<string>? report)
    {
        this.path = path;
        this.report = report;
    }

    /// <summary>Null for a machine without a folder.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static PortFile? Write(MachineOptions options, string name, int port)
    {
        if (options.Folder is not { } folder)
            return null;
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, port.ToString(CultureInfo.InvariantCulture));
        return new PortFile(path, options.Message);
    }

    /// <summary>Removes those of a run that was killed: others may have their ports now.</summary>
    public static void RemoveStale(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*.port"))
            new PortFile(path, report: null).Dispose();
    }

    public void Dispose()
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            report?.Invoke($"{path} cannot be removed: {error.Message}");
        }
    }
}

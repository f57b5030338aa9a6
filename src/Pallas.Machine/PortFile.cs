using System.Globalization;

namespace Pallas.Machine;

/// <summary>A file in the machine's folder that names a port while the machine listens on it.
/// </summary>
public sealed class PortFile : IDisposable
{
    private readonly string path;
    private readonly Action<string>? report;

    private PortFile(string path, Action<string>? report)
    {
        this.path = path;
        this.report = report;
    }

    /// <summary>Null if the machine has no folder.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static PortFile? Write(MachineContext context, string name, int port)
    {
        if (context.Folder is not { } folder)
            return null;
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, port.ToString(CultureInfo.InvariantCulture));
        return new PortFile(path, context.Message);
    }

    /// <summary>Removes the files of a run that was killed: other programs may have the ports now.
    /// </summary>
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

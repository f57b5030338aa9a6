using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Pallas.Bench.Http;

namespace Pallas.Bench.Soak;

/// <summary>The resources of a machine's process at one moment.</summary>
/// <param name="HeapBytes">After the last collection.</param>
/// <param name="Files">Open handles that are no sockets: most of them the store's.</param>
internal sealed record Sample(
    long MemoryBytes, long HeapBytes, int Sockets, int Files, int Threads, long DiskBytes)
{
    public static Sample Take(string pallas, Served machine)
    {
        using var status = Process.Start(
            new ProcessStartInfo("dotnet", [pallas, "status", machine.Folder, "--json"])
            {
                RedirectStandardOutput = true,
            })!;
        using var report = JsonDocument.Parse(status.StandardOutput.ReadToEnd());
        var memory = report.RootElement.GetProperty("memory");
        var process = $"/proc/{machine.Id.ToString(CultureInfo.InvariantCulture)}";
        var handles = Directory.GetFiles($"{process}/fd").Select(TargetOf)
            .Where(target => target.Length > 0).ToArray();
        var sockets = handles.Count(
            target => target.StartsWith("socket:", StringComparison.Ordinal));
        return new Sample(
            memory.GetProperty("process").GetInt64(),
            memory.GetProperty("heap").GetInt64(),
            sockets,
            handles.Length - sockets,
            Directory.GetDirectories($"{process}/task").Length,
            machine.DiskBytes());
    }

    /// <summary>Empty for what was closed meanwhile.</summary>
    private static string TargetOf(string handle)
    {
        try
        {
            return File.ResolveLinkTarget(handle, returnFinalTarget: false)?.Name ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }

    public override string ToString() =>
        $"| {MemoryBytes >> 20:N0} MiB | {HeapBytes >> 20:N0} MiB | {Sockets:N0} "
        + $"| {Files} | {Threads} | {DiskBytes >> 20:N0} MiB |";
}

using System.Diagnostics;
using System.Globalization;

namespace Pallas.Bench.Http;

/// <summary>A process that serves HTTP until it is disposed of.</summary>
internal sealed class Served : IDisposable
{
    private static readonly TimeSpan StartTimeMax = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly string folder;

    private Served(Process process, string folder, string url)
    {
        this.process = process;
        this.folder = folder;
        Url = url;
    }

    /// <summary>Ends with a slash.</summary>
    public string Url { get; }

    public int Id => process.Id;

    /// <summary>Where it keeps what it keeps.</summary>
    public string Folder => folder;

    /// <summary>A machine of one program, run by the program that users run.</summary>
    public static Served Machine(string pallas, string program, params string[] options)
    {
        var root = Directory.CreateTempSubdirectory("pallas-http").FullName;
        var folder = Path.Combine(root, "m");
        using (var boot = Start([pallas, "boot", folder, program]))
        {
            boot.StandardOutput.ReadToEnd();
            boot.WaitForExit();
            if (boot.ExitCode != 0)
                throw new InvalidOperationException($"{program} cannot be booted");
        }
        var process = Start([pallas, "start", folder, .. options]);
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < StartTimeMax; Thread.Sleep(50))
        {
            var file = Directory.GetFiles(folder, "*.http.port").FirstOrDefault();
            if (file is not null && File.ReadAllText(file) is { Length: > 0 } port)
                return new Served(process, folder, $"http://127.0.0.1:{port}/");
        }
        throw new InvalidOperationException("the machine did not start");
    }

    /// <summary>The same without a machine.</summary>
    public static Served Peer()
    {
        var folder = Directory.CreateTempSubdirectory("pallas-http-peer").FullName;
        var dll = typeof(Served).Assembly.Location;
        var process = Start([dll, PeerServer.Command, Path.Combine(folder, "peer.db")]);
        var url = process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException("the peer did not start");
        return new Served(process, folder, url + "/");
    }

    /// <summary>The size of its folder on disk.</summary>
    public long DiskBytes()
    {
        using var du = Process.Start(
            new ProcessStartInfo("du", ["-s", "-B1", folder]) { RedirectStandardOutput = true })!;
        return long.Parse(
            du.StandardOutput.ReadToEnd().Split('\t')[0], CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static Process Start(string[] args)
    {
        var info = new ProcessStartInfo("dotnet", args) { RedirectStandardOutput = true };
        return Process.Start(info)!;
    }
}

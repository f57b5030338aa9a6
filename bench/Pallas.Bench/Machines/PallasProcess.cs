using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Pallas.Bench.Machines;

/// <summary>The program itself, as users run it.</summary>
internal static class PallasProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Seconds from the start of the process to the whole answer to a request.</summary>
    public static double StartToAnswer(string path)
    {
        var port = FreePort();
        var start = Stopwatch.GetTimestamp();
        using var process = Start(
            "start", path, "--http-port", port.ToString(CultureInfo.InvariantCulture));
        try
        {
            using var socket = Connect(port, start, process);
            socket.Send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8);
            var answer = new byte[1 << 10];
            var count = 0;
            while (socket.Receive(answer.AsSpan(count)) is > 0 and var more)
                count += more;
            return answer.AsSpan(0, count).StartsWith("HTTP/1.1 200"u8)
                ? Stopwatch.GetElapsedTime(start).TotalSeconds
                : throw new InvalidOperationException("the machine gave no good answer");
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    private static Socket Connect(int port, long start, Process process)
    {
        while (true)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(IPAddress.Loopback, port);
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
                if (process.HasExited || Stopwatch.GetElapsedTime(start) > Patience)
                    throw;
                Thread.Sleep(1);
            }
        }
    }

    private static Process Start(params string[] args)
    {
        var folder = Path.GetDirectoryName(typeof(PallasProcess).Assembly.Location)!;
        var info = new ProcessStartInfo("dotnet") { RedirectStandardError = true };
        info.ArgumentList.Add(Path.Combine(folder, "pallas.dll"));
        foreach (var arg in args)
            info.ArgumentList.Add(arg);
        var process = Process.Start(info)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

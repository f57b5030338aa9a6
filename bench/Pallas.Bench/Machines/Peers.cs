using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Pallas.Bench.Machines;

/// <summary>Measures other databases on the same disk, if they are installed.</summary>
internal static class Peers
{
    /// <summary>Rows a second, in a write-ahead log that is synced at each transaction.</summary>
    public static string Sqlite(int transactions, int rows)
    {
        var path = MachineFolders.NewPath();
        var script = new StringBuilder(
            "pragma journal_mode=wal; pragma synchronous=full; create table t(n);\n");
        for (var i = 0; i < transactions; i++)
        {
            script.Append("begin;");
            for (var row = 0; row < rows; row++)
                script.Append("insert into t values(1);");
            script.Append("commit;\n");
        }
        var start = Stopwatch.GetTimestamp();
        if (Try("sqlite3", [path], script.ToString()) is null)
            return "not installed";
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach (var file in new[] { path, path + "-wal", path + "-shm" })
            File.Delete(file);
        return $"{(long)transactions * rows / seconds:N0}";
    }

    /// <summary>Writes a second, in an append-only file that is synced before each answer.
    /// </summary>
    public static string Redis(int clients)
    {
        const int Port = 16399;
        var folder = MachineFolders.NewPath();
        Directory.CreateDirectory(folder);
        using var server = Start("redis-server", [
            "--port", $"{Port}", "--dir", folder, "--appendonly", "yes",
            "--appendfsync", "always", "--save", ""]);
        if (server is null)
            return "not installed";
        Thread.Sleep(500);
        var text = Try("redis-benchmark", [
            "-p", $"{Port}", "-t", "set", "-n", clients == 1 ? "3000" : "100000",
            "-c", $"{clients}", "--csv"], "");
        server.Kill();
        server.WaitForExit();
        Directory.Delete(folder, recursive: true);
        var fields = text?.Split('\n').FirstOrDefault(
            row => row.StartsWith("\"SET\"", StringComparison.Ordinal))?.Split(',');
        return fields is { Length: > 1 }
            ? $"{double.Parse(fields[1].Trim('"'), CultureInfo.InvariantCulture):N0}"
            : "not measured";
    }

    private static string? Try(string program, string[] args, string input)
    {
        using var process = Start(program, args);
        if (process is null)
            return null;
        var output = process.StandardOutput.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        return output.Result;
    }

    private static Process? Start(string program, string[] args)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, args)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}

namespace Pallas.Tests.Store;

/// <summary>A folder that is deleted after the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } =
        Directory.CreateTempSubdirectory("pallas-test-").FullName;

    public string Inside(params string[] names) =>
        System.IO.Path.Combine([Path, .. names]);

    /// <summary>Every file with its bytes and the time it was written.</summary>
    public Dictionary<string, (string Bytes, DateTime Written)> Contents() =>
        Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).ToDictionary(
            file => file,
            file => (Convert.ToHexString(ReadShared(file)), File.GetLastWriteTimeUtc(file)));

    public void Dispose() => Directory.Delete(Path, recursive: true);

    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
            File.Copy(file, System.IO.Path.Combine(to, System.IO.Path.GetFileName(file)));
        foreach (var folder in Directory.EnumerateDirectories(from))
            Copy(folder, System.IO.Path.Combine(to, System.IO.Path.GetFileName(folder)));
    }

    private static byte[] ReadShared(string file)
    {
        if (System.IO.Path.GetFileName(file) == "lock")
            return [];
        using var stream = new FileStream(
            file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}

using System.Text;
using Pallas.Values.Hashing;

namespace Pallas.Cli.Control;

/// <summary>Where the process of a running machine listens for queries.</summary>
internal static class ControlPath
{
    /// <summary>The name in the machine's folder.</summary>
    public const string Name = "control";

    /// <summary>The longest path that the system takes for a socket.</summary>
    private const int BytesMax = 100;

    /// <summary>In the folder; if that path is too long, in the folder for temporary files, named
    /// by the hash of the path.</summary>
    public static string Of(string folder)
    {
        var path = Path.Combine(Path.GetFullPath(folder), Name);
        if (Encoding.UTF8.GetByteCount(path) <= BytesMax)
            return path;
        var hash = Blake3.Hash(Encoding.UTF8.GetBytes(path)).ToString()[..16];
        return Path.Combine(Path.GetTempPath(), $"pallas-{hash}");
    }
}

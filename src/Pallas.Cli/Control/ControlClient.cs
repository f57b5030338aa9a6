using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Pallas.Values.Hashing;

namespace Pallas.Cli.Control;

/// <summary>Where the process of a running machine listens for queries.</summary>
internal static class ControlPath
{
    /// <summary>The name in the machine's folder.</summary>
    public const string Name = "control";

    /// <summary>The system takes no longer path for a socket.</summary>
    private const int BytesMax = 100;

    /// <summary>In the folder, or where its path is too long, under the folder for temporary
    /// files, by the hash of the path.</summary>
    public static string Of(string folder)
    {
        var path = Path.Combine(Path.GetFullPath(folder), Name);
        if (Encoding.UTF8.GetByteCount(path) <= BytesMax)
            return path;
        var hash = Blake3.Hash(Encoding.UTF8.GetBytes(path)).ToString()[..16];
        return Path.Combine(Path.GetTempPath(), $"pallas-{hash}");
    }
}

/// <summary>Asks the process of a running machine.</summary>
internal static class ControlClient
{
    /// <returns>The exit code; null where no process listens.</returns>
    public static int? Ask(string folder, MachineQuery query, Stream output)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(ControlPath.Of(folder)));
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
        using var stream = new NetworkStream(socket, ownsSocket: true);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(query, ControlJson.Default.MachineQuery);
        ControlFrame.Write(stream, ControlFrameKind.Query, bytes);
        while (ControlFrame.Read(stream) is var (kind, content))
        {
            switch (kind)
            {
                case ControlFrameKind.Output:
                    output.Write(content);
                    break;
                case ControlFrameKind.Error:
                    Console.Error.Write(Encoding.UTF8.GetString(content));
                    break;
                case ControlFrameKind.Exit when content.Length == sizeof(int):
                    return BinaryPrimitives.ReadInt32LittleEndian(content);
            }
        }
        throw Failure.Mistake("the machine stopped while it was asked");
    }
}

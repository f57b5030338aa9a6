using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Pallas.Cli.Render;
using Pallas.Eval;
using Pallas.Store;
using Pallas.Store.Folder;

namespace Pallas.Cli.Control;

/// <summary>Asks a machine: in this process if it is stopped, otherwise its own process.</summary>
/// <param name="queries">How queries are written.</param>
internal sealed class ControlClient(
    EvalOptions evaluation, JsonSerializerOptions queries, TimeProvider clock)
{
    private const int TriesMax = 20;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>Prints the answer.</summary>
    /// <returns>The exit code.</returns>
    public int Ask(string folder, MachineQuery query)
    {
        using var output = Console.OpenStandardOutput();
        return Ask(folder, query, output);
    }

    /// <returns>The exit code.</returns>
    public int Ask(string folder, MachineQuery query, Stream output)
    {
        try
        {
            using var machine = MachineAccess.Stopped(
                StoreFolder.Open(folder), evaluation, Terminal.Error.Line);
            return query.Answer(machine, output);
        }
        catch (StoreError error) when (error.Kind == StoreErrorKind.Held)
        {
            // A machine holds its folder a moment before its process listens.
            for (var tries = 1; ; tries++)
            {
                if (AskProcess(folder, query, output) is { } exitCode)
                    return exitCode;
                if (tries == TriesMax)
                    throw;
                Task.Delay(RetryDelay, clock).GetAwaiter().GetResult();
            }
        }
    }

    /// <returns>The exit code; null if no process listens.</returns>
    private int? AskProcess(string folder, MachineQuery query, Stream output)
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
        ControlFrame.Write(
            stream, ControlFrameKind.Query, JsonSerializer.SerializeToUtf8Bytes(query, queries));
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
        throw Failure.Mistake("the machine stopped before it answered\nhint: ask again");
    }
}

using System.Net.Sockets;
using Pallas.Devices.Sockets;
using Pallas.Values;

namespace Pallas.Devices.Port;

/// <summary>The bytes of two programs over a port, in pieces of one frame each.</summary>
/// <remarks>
/// A long bar takes several pieces, but no piece holds bytes of two sends. Programs rely on that:
/// two sends, of a length and of its bytes, never arrive in one receive.
/// </remarks>
internal sealed class PortChannel(Socket socket) : IChannel
{
    private const int PieceBytesMax = 64 << 10;

    private readonly NetworkStream stream = new(socket, ownsSocket: true);

    public async Task<Bar?> Receive(CancellationToken cancel)
    {
        while (true)
        {
            // A silent peer holds no buffer.
            await socket.ReceiveAsync(Memory<byte>.Empty, cancel).ConfigureAwait(false);
            var piece = await Frames.Read(stream, PieceBytesMax, cancel).ConfigureAwait(false);
            if (piece is null)
                return null;
            // To a program, an empty bar means that the port has ended.
            if (piece.Length > 0)
                return Bar.Of(piece);
        }
    }

    public async Task Send(Bar data, CancellationToken cancel)
    {
        for (var at = 0; at < data.Count; at += PieceBytesMax)
        {
            var count = Math.Min(PieceBytesMax, data.Count - at);
            await Frames.Write(stream, data.Bytes.Slice(at, count).ToArray(), cancel)
                .ConfigureAwait(false);
        }
    }

    public Task Close(CancellationToken cancel)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The peer has closed it already.
        }
        return Task.CompletedTask;
    }

    public void Dispose() => stream.Dispose();
}

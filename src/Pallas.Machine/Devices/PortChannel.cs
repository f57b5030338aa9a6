using System.Net.Sockets;
using Pallas.Values;

namespace Pallas.Machine.Devices;

/// <summary>What two programs send over a port: pieces, each a frame.</summary>
/// <remarks>
/// A long bar comes in several pieces, but no piece holds bytes of two sends. Programs count on
/// that: who sends a length and then as many bytes has them taken apart by two receives.
/// </remarks>
internal sealed class PortChannel(Socket socket) : IChannel
{
    private const int PieceBytesMax = 64 << 10;

    private readonly NetworkStream stream = new(socket, ownsSocket: true);

    public async Task<Bar?> Receive(CancellationToken cancel)
    {
        while (true)
        {
            // A peer that says nothing holds no buffer.
            await socket.ReceiveAsync(Memory<byte>.Empty, cancel).ConfigureAwait(false);
            var piece = await Frames.Read(stream, PieceBytesMax, cancel).ConfigureAwait(false);
            if (piece is null)
                return null;
            // No bytes mean to the program that the port has ended.
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
            // The peer was faster.
        }
        return Task.CompletedTask;
    }

    public void Dispose() => stream.Dispose();
}

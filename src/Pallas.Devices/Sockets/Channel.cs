using System.Buffers;
using System.Net.Sockets;
using System.Net.WebSockets;
using Pallas.Values;

namespace Pallas.Devices.Sockets;

/// <summary>The two ways of a connection: it reads from its channel and writes to it.</summary>
internal interface IChannel : IDisposable
{
    /// <summary>The next bytes or message of the peer, or null at its end.</summary>
    Task<Bar?> Receive(CancellationToken cancel);

    Task Send(Bar data, CancellationToken cancel);

    /// <summary>Ends the connection in order, as far as the peer takes part.</summary>
    Task Close(CancellationToken cancel);
}

/// <summary>Bytes over TCP.</summary>
internal sealed class SocketChannel(Socket socket) : IChannel
{
    private const int PartBytesMax = 64 << 10;

    public async Task<Bar?> Receive(CancellationToken cancel)
    {
        // A silent peer holds no buffer.
        await socket.ReceiveAsync(Memory<byte>.Empty, cancel).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(PartBytesMax);
        try
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(0, PartBytesMax), cancel)
                .ConfigureAwait(false);
            return count == 0 ? null : Bar.Of(buffer[..count]);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public async Task Send(Bar data, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PartBytesMax);
        try
        {
            for (var at = 0; at < data.Count;)
            {
                var count = Math.Min(PartBytesMax, data.Count - at);
                data.Bytes.Slice(at, count).CopyTo(buffer);
                for (var sent = 0; sent < count;)
                {
                    sent += await socket.SendAsync(buffer.AsMemory(sent, count - sent), cancel)
                        .ConfigureAwait(false);
                }
                at += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
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

    public void Dispose() => socket.Dispose();
}

/// <summary>Messages over a WebSocket. It receives text and binary alike, and sends binary.
/// </summary>
/// <remarks>
/// A message counts in the budget from its first bytes until the next one is asked for.
/// </remarks>
internal sealed class WebSocketChannel(WebSocket socket, int messageBytesMax, ByteBudget budget)
    : IChannel
{
    private const int PartBytesMax = 16 << 10;

    private readonly ByteShare share = new(budget);

    public async Task<Bar?> Receive(CancellationToken cancel)
    {
        share.ReturnAll();
        var message = new MemoryStream();
        // A silent peer holds no buffer.
        var part = await socket.ReceiveAsync(Memory<byte>.Empty, cancel).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(PartBytesMax);
        try
        {
            while (part is { MessageType: not WebSocketMessageType.Close, EndOfMessage: false })
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(), cancel).ConfigureAwait(false);
                message.Write(buffer, 0, part.Count);
                if (message.Length <= messageBytesMax && share.TryTake(part.Count))
                    continue;
                await socket.CloseOutputAsync(
                    WebSocketCloseStatus.MessageTooBig, "the message is too long", cancel)
                    .ConfigureAwait(false);
                return null;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return part.MessageType == WebSocketMessageType.Close ? null : Bar.Of(message.ToArray());
    }

    public async Task Send(Bar data, CancellationToken cancel) =>
        await socket.SendAsync(
            data.Bytes.ToArray(), WebSocketMessageType.Binary, endOfMessage: true, cancel)
            .ConfigureAwait(false);

    public async Task Close(CancellationToken cancel)
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancel)
                .ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        share.Dispose();
    }
}

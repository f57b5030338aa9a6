using System.Buffers;
using System.Net.Sockets;
using System.Net.WebSockets;
using Pallas.Values;

namespace Pallas.Machine.Devices;

/// <summary>What a connection reads from and writes to.</summary>
internal interface IChannel : IDisposable
{
    /// <summary>The next bytes or message of the peer, or null at its end.</summary>
    Task<Bar?> Receive(CancellationToken cancel);

    Task Send(Bar data, CancellationToken cancel);

    /// <summary>Ends it politely, as far as the peer lets us.</summary>
    Task Close(CancellationToken cancel);
}

/// <summary>Bytes over TCP.</summary>
internal sealed class SocketChannel(Socket socket) : IChannel
{
    private const int PartBytesMax = 64 << 10;

    public async Task<Bar?> Receive(CancellationToken cancel)
    {
        // A peer that says nothing holds no buffer.
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
            // The peer was faster.
        }
        return Task.CompletedTask;
    }

    public void Dispose() => socket.Dispose();
}

/// <summary>Messages over a WebSocket: text and binary are taken alike, binary is sent.</summary>
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
        share.Reclaim();
        var message = new MemoryStream();
        // A peer that says nothing holds no buffer.
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

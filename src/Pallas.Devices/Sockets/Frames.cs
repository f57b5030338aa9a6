using System.Buffers.Binary;

namespace Pallas.Devices.Sockets;

/// <summary>Frames on a stream: the length in 32 bits, lowest byte first, then the bytes.</summary>
internal static class Frames
{
    public static async Task Write(
        Stream stream, ReadOnlyMemory<byte> payload, CancellationToken cancel)
    {
        var frame = new byte[sizeof(uint) + payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)payload.Length);
        payload.Span.CopyTo(frame.AsSpan(sizeof(uint)));
        await stream.WriteAsync(frame, cancel).ConfigureAwait(false);
    }

    /// <summary>Null at the end of the stream, or if the frame is cut or too long.</summary>
    /// <param name="share">The share that its bytes count in; without room there, the frame is too
    /// long.</param>
    public static async Task<byte[]?> Read(
        Stream stream, int bytesMax, CancellationToken cancel, ByteShare? share = null)
    {
        var head = new byte[sizeof(uint)];
        if (!await ReadWhole(stream, head, cancel).ConfigureAwait(false))
            return null;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(head);
        if (length > bytesMax)
            return null;
        // A length alone allocates nothing: memory grows with the bytes.
        var payload = new MemoryStream();
        var part = new byte[Math.Min(length, 64 << 10)];
        for (var rest = (int)length; rest > 0;)
        {
            var count = await stream.ReadAsync(
                part.AsMemory(0, Math.Min(rest, part.Length)), cancel).ConfigureAwait(false);
            if (count == 0 || share?.TryTake(count) == false)
                return null;
            payload.Write(part, 0, count);
            rest -= count;
        }
        return payload.ToArray();
    }

    private static async Task<bool> ReadWhole(
        Stream stream, byte[] bytes, CancellationToken cancel) =>
        await stream.ReadAtLeastAsync(
            bytes, bytes.Length, throwOnEndOfStream: false, cancel)
            .ConfigureAwait(false) == bytes.Length;
}

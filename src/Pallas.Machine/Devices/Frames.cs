using System.Buffers.Binary;

namespace Pallas.Machine.Devices;

/// <summary>Pieces of known length on a stream: 32 bits of length, the lowest byte first.</summary>
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

    /// <summary>Null at the end of the stream, and where a frame is cut or too long.</summary>
    /// <param name="share">Where its bytes count; when there is no room, it is too long.</param>
    public static async Task<byte[]?> Read(
        Stream stream, int bytesMax, CancellationToken cancel, ByteShare? share = null)
    {
        var head = new byte[sizeof(uint)];
        if (!await ReadWhole(stream, head, cancel).ConfigureAwait(false))
            return null;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(head);
        if (length > bytesMax)
            return null;
        // A length alone takes no memory: that comes with the bytes.
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

using System.Buffers.Binary;
using System.Net.Sockets;
using Pallas.Devices.Sockets;
using Pallas.Values;

namespace Pallas.Devices.Port;

/// <summary>The protocol of two machines before there is a port between them.</summary>
/// <remarks>
/// The server sends a challenge; the client sends its question, signed with the challenge; the
/// server replies. All three are frames. After a reply that opens a port, the pieces of the two
/// programs follow, see <see cref="PortChannel"/>.
/// </remarks>
internal static class PortWire
{
    private const int FrameBytesMax = PortCall.BodyBytesMax + (1 << 10);
    private const int HeadBytes = (2 * PortKeys.BytesCount) + 1 + sizeof(uint);
    private const byte Dropped = 0;
    private const byte Held = 1;
    private const byte Answered = 2;
    private const byte Opened = 3;

    private static ReadOnlySpan<byte> Purpose => "pallas port 2"u8;

    /// <summary>Asks, and reads the reply; null if there is none.</summary>
    public static async Task<PortReply?> Ask(
        NetworkStream stream, PortKeys keys, PortQuestion question, CancellationToken cancel)
    {
        var challenge = await Frames.Read(stream, PortKeys.BytesCount, cancel)
            .ConfigureAwait(false);
        if (challenge is not { Length: PortKeys.BytesCount })
            return null;
        var head = HeadOf(question);
        var signature = keys.Sign(ToSign(challenge, head, question.Body.Bytes));
        await Frames.Write(
            stream, (byte[])[.. head, .. signature, .. question.Body.Bytes], cancel)
            .ConfigureAwait(false);
        var reply = await Frames.Read(stream, FrameBytesMax, cancel).ConfigureAwait(false);
        return (reply?.Length > 0 ? reply[0] : -1) switch
        {
            Dropped => new PortReply.Drop(),
            Held when reply!.Length == 1 + sizeof(uint) =>
                new PortReply.Hold(BinaryPrimitives.ReadUInt32LittleEndian(reply.AsSpan(1))),
            Answered => new PortReply.Answer(Bar.Of(reply![1..])),
            Opened => new PortReply.Port(0, Bar.Of(reply![1..])),
            _ => null,
        };
    }

    /// <summary>Reads a question; null if it is malformed or its signature is wrong.</summary>
    /// <param name="challenge">Random bytes, used once.</param>
    /// <param name="share">The bytes of the question count here.</param>
    public static async Task<PortQuestion?> Hear(
        NetworkStream stream, byte[] challenge, ByteShare share, CancellationToken cancel)
    {
        await Frames.Write(stream, challenge, cancel).ConfigureAwait(false);
        var frame = await Frames.Read(stream, FrameBytesMax, cancel, share).ConfigureAwait(false);
        if (frame is null || frame.Length < HeadBytes + PortKeys.SignatureBytesCount)
            return null;
        var head = frame[..HeadBytes];
        var signature = frame.AsSpan(HeadBytes, PortKeys.SignatureBytesCount);
        var body = frame[(HeadBytes + PortKeys.SignatureBytesCount)..];
        var from = head[..PortKeys.BytesCount];
        if (!PortKeys.Verify(from, ToSign(challenge, head, body), signature))
            return null;
        var time = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(HeadBytes - sizeof(uint)));
        return new PortQuestion(
            from,
            head[PortKeys.BytesCount..(2 * PortKeys.BytesCount)],
            head[2 * PortKeys.BytesCount] == 0 ? null : time,
            Bar.Of(body));
    }

    public static async Task Reply(
        NetworkStream stream, PortReply reply, CancellationToken cancel)
    {
        byte[] frame = reply switch
        {
            PortReply.Hold hold => [Held, .. BitConverter.GetBytes(hold.Seconds)],
            PortReply.Answer answer => [Answered, .. answer.Payload.Bytes],
            PortReply.Port port => [Opened, .. port.Payload.Bytes],
            _ => [Dropped],
        };
        await Frames.Write(stream, frame, cancel).ConfigureAwait(false);
    }

    private static byte[] HeadOf(PortQuestion question)
    {
        var time = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(time, question.Time ?? 0);
        return
        [
            .. question.From, .. question.To, question.Time is null ? (byte)0 : (byte)1, .. time,
        ];
    }

    private static byte[] ToSign(
        ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body) =>
        [.. Purpose, .. challenge, .. head, .. body];
}

using System.Buffers.Binary;

namespace Pallas.Cli.Control;

/// <summary>A frame on a control socket: a byte for the kind, four for the length, then the
/// content.</summary>
internal static class ControlFrame
{
    public const int BytesMax = 1 << 20;

    private const int HeaderBytes = 1 + sizeof(int);

    public static void Write(Stream stream, ControlFrameKind kind, ReadOnlySpan<byte> content)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        header[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(header[1..], content.Length);
        stream.Write(header);
        stream.Write(content);
    }

    /// <summary>Null if the other side closed, or does not speak this protocol.</summary>
    public static (ControlFrameKind Kind, byte[] Content)? Read(Stream stream)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes)
            return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(header[1..]);
        if (length is < 0 or > BytesMax)
            return null;
        var content = new byte[length];
        return stream.ReadAtLeast(content, length, throwOnEndOfStream: false) == length
            ? ((ControlFrameKind)header[0], content)
            : null;
    }
}

using System.Buffers.Binary;

namespace Pallas.Cli.Control;

internal enum ControlFrameKind : byte
{
    /// <summary>The query, as JSON.</summary>
    Query,

    /// <summary>A part of the answer.</summary>
    Output,

    /// <summary>What went wrong, for people.</summary>
    Error,

    /// <summary>The end, with the exit code in four bytes.</summary>
    Exit,
}

/// <summary>What goes over a control socket: a byte for the kind, four for the length, then as
/// many bytes.</summary>
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

    /// <summary>Null where the other side has closed, or does not speak this.</summary>
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

/// <summary>Writes what it gets as frames of output.</summary>
internal sealed class ControlOutput(Stream stream) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var part = buffer[..Math.Min(buffer.Length, ControlFrame.BytesMax)];
            ControlFrame.Write(stream, ControlFrameKind.Output, part);
            buffer = buffer[part.Length..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) =>
        Write(buffer.AsSpan(offset, count));

    public override void Flush() => stream.Flush();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}

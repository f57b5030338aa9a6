using System.Buffers;
using System.Buffers.Binary;

namespace Pallas.Formats.Seeds;

/// <summary>The bytes of a seed under way, then its bits: the low bit of each byte first.</summary>
internal sealed class SeedBits
{
    private readonly ArrayBufferWriter<byte> output = new(256);
    private ulong pending;
    private int pendingCount;

    public void WriteWord(ulong word)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(output.GetSpan(8), word);
        output.Advance(8);
    }

    public void WriteByte(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    public void WriteBytes(ReadOnlySpan<byte> bytes) => output.Write(bytes);

    /// <param name="bits">No bit is set above the count.</param>
    /// <param name="count">At most 32.</param>
    public void WriteBits(uint bits, int count)
    {
        pending |= (ulong)bits << pendingCount;
        pendingCount += count;
        if (pendingCount < 32)
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(4), (uint)pending);
        output.Advance(4);
        pending >>= 32;
        pendingCount -= 32;
    }

    /// <summary>All bytes, with zeros up to a whole number of words.</summary>
    public byte[] Finish()
    {
        for (; pendingCount > 0; pendingCount -= 8)
        {
            WriteByte((byte)pending);
            pending >>= 8;
        }

        var bytes = new byte[(output.WrittenCount + 7) & ~7];
        output.WrittenSpan.CopyTo(bytes);
        return bytes;
    }
}

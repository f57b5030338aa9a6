using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Joins pads. A pad is a bit string written as a nat: its first bit is bit 0, and a 1 follows
/// its last one.
/// </summary>
internal sealed class PadBuilder(Evaluator evaluator)
{
    private const int WordBits = 64;

    private ulong[] words = new ulong[4];
    private long bitCount;

    /// <summary>Reads a value as a pad: 0, and a value that is no nat, is the empty pad.</summary>
    public static Nat Coerce(Value value) => value is Nat { IsZero: false } nat ? nat : Nat.One;

    public void Append(Nat pad)
    {
        var left = pad.BitLength - 1;
        SizeLimits.CheckBits(evaluator, bitCount + left + 1);
        if (pad is SmallNat small)
        {
            AppendBits(small.Word, (int)left);
            return;
        }
        var bytes = pad.ToBytes();
        foreach (var part in bytes)
        {
            AppendBits(part, (int)Math.Min(left, 8));
            left -= Math.Min(left, 8);
        }
    }

    public Nat ToNat()
    {
        AppendBits(1, 1);
        var bytes = new byte[words.Length * sizeof(ulong)];
        Buffer.BlockCopy(words, 0, bytes, 0, bytes.Length);
        return Nat.OfBytes(bytes);
    }

    private void AppendBits(ulong bits, int count)
    {
        if (count == 0)
            return;
        if (count < WordBits)
            bits &= (1UL << count) - 1;
        var (at, shift) = ((int)(bitCount / WordBits), (int)(bitCount % WordBits));
        if (at + 2 > words.Length)
            Array.Resize(ref words, words.Length * 2);
        words[at] |= bits << shift;
        if (shift + count > WordBits)
            words[at + 1] |= bits >> (WordBits - shift);
        bitCount += count;
    }
}

using System.Buffers;
using System.Text;

namespace Pallas.Fuzz;

/// <summary>
/// Texts as bytes and back without loss: a byte that is no UTF-8 is a lone surrogate, so that
/// readers of text meet those too.
/// </summary>
public static class TextInput
{
    private const int Escape = 0xDC00;

    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (bytes.Length > 0)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var used) == OperationStatus.Done)
            {
                text.Append(rune.ToString());
                bytes = bytes[used..];
                continue;
            }
            text.Append((char)(Escape + bytes[0]));
            bytes = bytes[1..];
        }
        return text.ToString();
    }

    public static byte[] Encode(string text)
    {
        var bytes = new List<byte>(text.Length);
        Span<byte> one = stackalloc byte[4];
        for (var i = 0; i < text.Length;)
        {
            if (Rune.TryGetRuneAt(text, i, out var rune))
            {
                bytes.AddRange(one[..rune.EncodeToUtf8(one)]);
                i += rune.Utf16SequenceLength;
                continue;
            }
            bytes.Add((byte)text[i++]);
        }
        return [.. bytes];
    }
}

/// <summary>A target whose inputs are texts.</summary>
public abstract class TextTarget(string name) : FuzzTarget(name)
{
    public override byte[] Make(RandomStream random) => TextInput.Encode(MakeText(random));

    protected abstract string MakeText(RandomStream random);

    public override byte[] Mutate(byte[] input, byte[] other, RandomStream random) =>
        random.OneIn(5)
            ? ByteMutator.Mutate(input, other, random)
            : TextInput.Encode(TextMutator.Mutate(
                TextInput.Decode(input), TextInput.Decode(other), random));
}

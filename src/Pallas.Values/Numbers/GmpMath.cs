using System.Runtime.InteropServices;

namespace Pallas.Values.Numbers;

/// <summary>The functions of libgmp on words (its <c>mpn</c> layer), called directly.</summary>
/// <remarks>
/// A call costs some 6 ns, so that from four words on libgmp wins. Numbers stay in managed
/// arrays: the functions write where they are told and keep nothing.
/// </remarks>
internal sealed unsafe class GmpMath : WordMath
{
    private const int WordBits = 64;

    /// <summary>Products of lengths up to this are ours.</summary>
    private const int SchoolProductMax = 12;

    /// <summary>
    /// A product of this length with a word takes less than a microsecond, so a collection may
    /// wait for it, and the call need not tell the runtime.
    /// </summary>
    private const int QuickMax = 1024;

    private static readonly string[] Names = ["libgmp.so.10", "libgmp.10.dylib", "libgmp-10.dll"];

    private readonly delegate* unmanaged<ulong*, ulong*, nint, ulong*, nint, ulong> multiply;
    private readonly delegate* unmanaged<ulong*, ulong*, nint, void> square;
    private readonly delegate* unmanaged<ulong*, ulong*, nint, ulong, ulong> multiplyWord;
    private readonly delegate* unmanaged[SuppressGCTransition]<
        ulong*, ulong*, nint, ulong, ulong> multiplyWordQuickly;
    private readonly delegate* unmanaged<
        ulong*, ulong*, nint, ulong*, nint, ulong*, nint, void> divide;
    private readonly delegate* unmanaged<byte*, int, ulong*, nint, nint> getText;
    private readonly delegate* unmanaged<ulong*, byte*, nint, int, nint> setText;

    private GmpMath(nint[] functions)
    {
        multiply = (delegate* unmanaged<ulong*, ulong*, nint, ulong*, nint, ulong>)functions[0];
        square = (delegate* unmanaged<ulong*, ulong*, nint, void>)functions[1];
        multiplyWord = (delegate* unmanaged<ulong*, ulong*, nint, ulong, ulong>)functions[2];
        multiplyWordQuickly = (delegate* unmanaged[SuppressGCTransition]<
            ulong*, ulong*, nint, ulong, ulong>)functions[2];
        divide = (delegate* unmanaged<
            ulong*, ulong*, nint, ulong*, nint, ulong*, nint, void>)functions[3];
        getText = (delegate* unmanaged<byte*, int, ulong*, nint, nint>)functions[4];
        setText = (delegate* unmanaged<ulong*, byte*, nint, int, nint>)functions[5];
    }

    /// <summary>Null where there is no libgmp, or one whose words are not ours.</summary>
    public static GmpMath? TryLoad()
    {
        foreach (var name in Names)
        {
            if (!NativeLibrary.TryLoad(name, out var library))
                continue;
            if (!NativeLibrary.TryGetExport(library, "__gmp_bits_per_limb", out var bits)
                || *(int*)bits != WordBits)
                continue;
            string[] exports = ["mul", "sqr", "mul_1", "tdiv_qr", "get_str", "set_str"];
            var functions = new nint[exports.Length];
            var isWhole = true;
            for (var i = 0; i < exports.Length; i++)
            {
                isWhole &= NativeLibrary.TryGetExport(
                    library, "__gmpn_" + exports[i], out functions[i]);
            }
            if (isWhole)
                return new GmpMath(functions);
        }
        return null;
    }

    public override void Multiply(
        ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> product)
    {
        if ((long)a.Length * b.Length <= SchoolProductMax)
        {
            Words.Multiply(a, b, product);
            return;
        }
        fixed (ulong* left = a, right = b, target = product)
        {
            if (b.Length == 1)
                target[a.Length] = multiplyWord(target, left, a.Length, b[0]);
            else if (left == right && a.Length == b.Length)
                square(target, left, a.Length);
            else
                multiply(target, left, a.Length, right, b.Length);
        }
    }

    public override ulong Multiply(ReadOnlySpan<ulong> a, ulong factor, Span<ulong> product)
    {
        if (a.Length <= SchoolProductMax)
            return Words.Multiply(a, factor, product);
        fixed (ulong* left = a, target = product)
        {
            return a.Length <= QuickMax
                ? multiplyWordQuickly(target, left, a.Length, factor)
                : multiplyWord(target, left, a.Length, factor);
        }
    }

    public override void Divide(
        ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> quotient,
        Span<ulong> remainder)
    {
        fixed (ulong* left = a, right = b, whole = quotient, rest = remainder)
            divide(whole, rest, 0, left, a.Length, right, b.Length);
    }

    public override string ToDecimal(ReadOnlySpan<ulong> a)
    {
        // A word is less than 19.3 digits; the function destroys its input.
        var digits = new byte[20L * a.Length + 1];
        var copy = a.ToArray();
        nint count;
        fixed (byte* target = digits)
        fixed (ulong* source = copy)
            count = getText(target, 10, source, copy.Length);
        var text = digits.AsSpan(0, (int)count).TrimStart((byte)0);
        return string.Create(text.Length, text, static (chars, from) =>
        {
            for (var i = 0; i < chars.Length; i++)
                chars[i] = (char)('0' + from[i]);
        });
    }

    public override ulong[] OfDecimal(ReadOnlySpan<byte> digits)
    {
        // A digit is less than 3.33 bits, and one word more is asked for.
        var words = new ulong[digits.Length / 19 + 2];
        var values = new byte[digits.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = (byte)(digits[i] - '0');
        nint count;
        fixed (byte* source = values)
        fixed (ulong* target = words)
            count = setText(target, source, values.Length, 10);
        words.AsSpan((int)count).Clear();
        return words;
    }
}

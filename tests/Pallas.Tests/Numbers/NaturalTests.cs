using System.Globalization;
using System.Numerics;
using CsCheck;
using Pallas.Values;
using Pallas.Values.Numbers;
using Xunit;

namespace Pallas.Tests.Numbers;

/// <summary>Arithmetic on naturals beside System.Numerics, on generated numbers.</summary>
public sealed class NaturalTests
{
    /// <summary>Words at the edges come more often than others.</summary>
    private static readonly Gen<ulong> Word = Gen.Frequency(
        (2, Gen.Const(0UL)),
        (2, Gen.Const(ulong.MaxValue)),
        (1, Gen.Const(1UL << 63)),
        (1, Gen.Int[0, 63].Select(bit => 1UL << bit)),
        (4, Gen.ULong));

    private static readonly Gen<Nat> Short = NatOf(0, 12);

    /// <summary>Some are on the other side of each threshold.</summary>
    private static readonly Gen<Nat> Long = Gen.Frequency(
        (4, Short), (3, NatOf(13, 60)), (2, NatOf(61, 260)));

    /// <summary>The managed code everywhere; libgmp too where the machine has it.</summary>
    public static TheoryData<string> Maths => WordMath.Native is null
        ? ["managed"]
        : ["managed", "native"];

    [Theory]
    [MemberData(nameof(Maths))]
    public void Products_and_powers(string name)
    {
        var math = MathOf(name);
        Gen.Select(Long, Long).Sample(
            (x, y) =>
            {
                Check(x.Big * y.Big, Natural.Multiply(math, x, y));
                Check(x.Big * x.Big, Natural.Multiply(math, x, x));
            },
            iter: 400);
        Gen.Select(Gen.Frequency((3, Long), (1, NatOf(1000, 1100))), Word).Sample(
            (x, word) => Check(x.Big * word, Natural.Multiply(math, x, Nat.Of(word))),
            iter: 400);
        Gen.Select(Short, Gen.Int[1, 40]).Sample(
            (x, exponent) =>
                Check(BigInteger.Pow(x.Big, exponent), Natural.Power(math, x, exponent)),
            iter: 100);
    }

    /// <summary>The multiplication of small factors waits until the product is read. Every reader
    /// gets the same number.</summary>
    [Fact]
    public void Products_by_small_factors_one_after_the_other()
    {
        var factor = Gen.Frequency((3, Gen.ULong[0, 9]), (3, Gen.ULong[2, 5000]), (2, Word));
        var step = Gen.Select(Gen.Int[0, 9], factor, Gen.Bool);
        Gen.Select(Gen.Frequency((1, Short), (2, NatOf(14, 70))), step.Array[1, 25]).Sample(
            (start, steps) =>
            {
                var (nat, big) = (start, start.Big);
                foreach (var (look, word, isLeft) in steps)
                {
                    var small = word == 0 && big > 1 ? Nat.One : Nat.Of(word);
                    nat = isLeft ? Natural.Multiply(small, nat) : Natural.Multiply(nat, small);
                    big *= small.Word;
                    Assert.InRange(
                        nat.BitLengthMax, big.GetBitLength(), big.GetBitLength() + 1);
                    switch (look)
                    {
                        case 0:
                            Check(big, nat);
                            break;
                        case 1:
                            Assert.Equal(big.GetBitLength(), nat.BitLength);
                            break;
                        case 2:
                            Check(big * big, Natural.Multiply(nat, nat));
                            break;
                        case 3:
                            Assert.Equal(0, nat.CompareTo(Nat.Of(big)));
                            break;
                        case 4:
                            (nat, big) = (Natural.Add(nat, Nat.One), big + 1);
                            break;
                        default:
                            break;
                    }
                }
                Check(big, nat);
            },
            iter: 400);
    }

    /// <summary>Products of products, each of them a factor of several; threads look at all of
    /// them at once, in orders of their own.</summary>
    [Fact]
    public void Products_that_share_factors_may_be_looked_at_by_several_threads()
    {
        var factor = Gen.Frequency((3, Gen.ULong[2, 9]), (1, Word));
        var step = Gen.Select(Gen.Int[0, 99], Gen.Int[0, 99], factor, Gen.Int[0, 5]);
        Gen.Select(NatOf(14, 40), step.Array[1, 30]).Sample(
            (start, steps) =>
            {
                var all = new List<(Nat Nat, BigInteger Big)> { (start, start.Big) };
                foreach (var (at, otherAt, word, kind) in steps)
                {
                    var (nat, big) = all[^(1 + (at % Math.Min(all.Count, 3)))];
                    var (other, otherBig) = all[otherAt % all.Count];
                    all.Add(kind switch
                    {
                        0 when big.GetBitLength() + otherBig.GetBitLength() < 20_000 =>
                            (Natural.Multiply(nat, other), big * otherBig),
                        1 => (Natural.Add(nat, other), big + otherBig),
                        2 when word > 0 =>
                            (Natural.Divide(nat, Nat.Of(word)).Quotient, big / word),
                        _ => (Natural.Multiply(nat, Nat.Of(word)), big * word),
                    });
                }
                Parallel.For(0, 4, thread =>
                {
                    for (var i = 0; i < all.Count; i++)
                    {
                        var (nat, big) = all[thread % 2 == 0 ? i : all.Count - 1 - i];
                        Check(big, nat);
                    }
                });
            },
            iter: 100);
    }

    [Theory]
    [MemberData(nameof(Maths))]
    public void Quotients_and_remainders(string name)
    {
        var math = MathOf(name);
        Gen.Select(Long, Long, Short).Sample(
            (x, y, rest) =>
            {
                if (y.IsZero)
                    return;
                CheckDivision(math, x, y);
                CheckDivision(math, Nat.Of(x.Big * y.Big), y);
                CheckDivision(math, Nat.Of(x.Big * y.Big + rest.Big), y);
                CheckDivision(math, Nat.Of(BigInteger.Max(x.Big * y.Big, 1) - 1), y);
            },
            iter: 400);
    }

    [Theory]
    [MemberData(nameof(Maths))]
    public void Decimal_digits(string name)
    {
        var math = MathOf(name);
        Gen.Select(Long, Gen.Int[0, 3]).Sample(
            (x, zeros) =>
            {
                var text = x.Big.ToString(CultureInfo.InvariantCulture);
                Assert.Equal(text, Natural.ToDecimal(math, x));
                var digits = System.Text.Encoding.ASCII.GetBytes(new string('0', zeros) + text);
                Check(x.Big, Natural.OfDecimal(math, digits));
                Check(x.Big, Nat.OfDecimal(text));
            },
            iter: 200);
    }

    [Fact]
    public void Sums_differences_and_order()
    {
        Gen.Select(Long, Long).Sample(
            (x, y) =>
            {
                Check(x.Big + y.Big, Natural.Add(x, y));
                Check(x.Big, Natural.Subtract(Natural.Add(x, y), y));
                Assert.Equal(x.Big.CompareTo(y.Big), Math.Sign(x.CompareTo(y)));
                Assert.Equal(x, Nat.OfBytes(x.ToBytes()));
                Assert.Equal(x.GetHashCode(), Nat.OfBytes(x.ToBytes()).GetHashCode());
                Assert.Equal(x.Big.GetBitLength(), x.BitLength);
            },
            iter: 400);
    }

    [Fact]
    public void Bits()
    {
        Gen.Select(Long, Long, Gen.Int[0, 2000], Gen.Int[0, 2000]).Sample(
            (x, y, start, count) =>
            {
                Check(x.Big & y.Big, Natural.And(x, y));
                Check(x.Big | y.Big, Natural.Or(x, y));
                Check(x.Big ^ y.Big, Natural.Xor(x, y));
                Check((x.Big >> start) & ((BigInteger.One << count) - 1),
                    Natural.Slice(x, start, count));
                Check(x.Big >> start, Natural.Slice(x, start, long.MaxValue));
                Assert.Equal(!(x.Big >> start).IsEven, Natural.IsSet(x, start));
                if (!x.IsZero)
                    Check(x.Big << start, Natural.ShiftLeft(x, start));
            },
            iter: 400);
    }

    [Fact]
    public void Text_with_a_character_that_is_no_digit_is_no_number()
    {
        Assert.Throws<FormatException>(() => Nat.OfDecimal("-1"));
        Assert.Throws<FormatException>(() => Nat.OfDecimal("123456789012345678901234567890x"));
    }

    private static Gen<Nat> NatOf(int lengthMin, int lengthMax) =>
        Word.Array[lengthMin, lengthMax].Select(words => Nat.OfWords(words.AsSpan()));

    private static WordMath MathOf(string name) =>
        name == "native" ? WordMath.Native! : WordMath.Managed;

    private static void CheckDivision(WordMath math, Nat x, Nat y)
    {
        var (quotient, remainder) = Natural.Divide(math, x, y);
        Check(BigInteger.Divide(x.Big, y.Big), quotient);
        Check(BigInteger.Remainder(x.Big, y.Big), remainder);
    }

    /// <summary>Small numbers have to be small ones: a value has one layout.</summary>
    private static void Check(BigInteger expected, Nat actual)
    {
        Assert.Equal(expected, actual.Big);
        Assert.Equal(expected <= ulong.MaxValue, actual is SmallNat);
    }
}

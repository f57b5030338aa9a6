using System.Numerics;

namespace Pallas.Bench;

/// <summary>Calls, loops and arithmetic as a programmer writes them in C#.</summary>
internal static class PlainCalls
{
    public static ulong Fib(ulong n) => n < 2 ? n : checked(Fib(n - 1) + Fib(n - 2));

    public static ulong Countdown(ulong n, ulong acc)
    {
        for (; n != 0; n = checked(n - 1))
            acc = checked(acc + n);
        return acc;
    }

    public static ulong Ack(ulong m, ulong n)
    {
        if (m == 0)
            return checked(n + 1);
        return n == 0
            ? Ack(checked(m - 1), 1)
            : Ack(checked(m - 1), Ack(m, checked(n - 1)));
    }

    public static ulong Primes(ulong limit)
    {
        ulong count = 0;
        for (ulong n = 2; n <= limit; n = checked(n + 1))
        {
            if (IsPrime(n))
                count = checked(count + 1);
        }
        return count;
    }

    public static BigInteger Factorial(ulong n)
    {
        var acc = BigInteger.One;
        for (; n != 0; n--)
            acc *= n;
        return acc;
    }

    public static BigInteger PowerMods(BigInteger m, BigInteger b, BigInteger exp, int n)
    {
        var acc = BigInteger.Zero;
        for (var i = 0; i < n; i++)
            acc += PowerMod(m, b + i, exp);
        return acc;
    }

    private static bool IsPrime(ulong n)
    {
        for (ulong d = 2; checked(d * d) <= n; d = checked(d + 1))
        {
            if (n % d == 0)
                return false;
        }
        return true;
    }

    private static BigInteger PowerMod(BigInteger m, BigInteger b, BigInteger exp)
    {
        var acc = BigInteger.One;
        for (var left = exp.GetBitLength() - 1; left >= 0; left--)
        {
            acc = acc * acc % m;
            if (!((exp >> (int)left) & 1).IsZero)
                acc = acc * b % m;
        }
        return acc;
    }
}

namespace Pallas.Values;

/// <summary>The five opcodes: nats that can be applied. Every other nat crashes.</summary>
public static class Opcode
{
    /// <summary><c>(0 n a b) = {n a b}</c>: builds a law; an arity of 0 crashes.</summary>
    public const ulong Law = 0;

    /// <summary><c>(1 p l a n x)</c>: reflection by kind of x.</summary>
    public const ulong Reflect = 1;

    /// <summary><c>(2 z p x)</c>: z where x is 0 or no nat, else p applied to x-1.</summary>
    public const ulong Case = 2;

    /// <summary><c>(3 x)</c>: x + 1; what is no nat counts as 0.</summary>
    public const ulong Increment = 3;

    /// <summary><c>(4 x)</c>: the pin of x in normal form.</summary>
    public const ulong Pin = 4;

    internal static int ArityOf(SmallNat nat) => nat.Word switch
    {
        Law => 3,
        Reflect => 5,
        Case => 3,
        _ => 1,
    };
}

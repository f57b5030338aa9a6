namespace Pallas.Values;

/// <summary>The encoding of a law's body: number n up to the last variable is variable n,
/// <c>(0 f x)</c> calls, <c>(1 v b)</c> binds the next variable to v in both v and b, and
/// <c>(2 c)</c> is c. Every other value is a constant.</summary>
public static class LawCodes
{
    public const ulong CallTag = 0;
    public const ulong LetTag = 1;
    public const ulong QuoteTag = 2;

    public static Value Call(Value function, Value argument) =>
        App.Make(Nat.Of(CallTag), function, argument);

    public static Value Let(Value bound, Value body) => App.Make(Nat.Of(LetTag), bound, body);

    /// <summary>The code of a constant: quoted only if the value itself would be code.</summary>
    /// <param name="last">The number of the last variable.</param>
    public static Value Constant(Value value, ulong last) =>
        IsCode(value, last) ? Quote(value) : value;

    public static Value Quote(Value value) => App.Make(Nat.Of(QuoteTag), value);

    private static bool IsCode(Value value, ulong last) => value switch
    {
        SmallNat nat => nat.Word <= last,
        App { Head: SmallNat { Word: CallTag or LetTag }, Count: 2 } => true,
        App { Head: SmallNat { Word: QuoteTag }, Count: 1 } => true,
        _ => false,
    };
}

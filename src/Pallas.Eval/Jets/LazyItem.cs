using Pallas.Values;

namespace Pallas.Eval;

/// <summary>The first two items of an application that may still have to be evaluated.</summary>
internal static class LazyItem
{
    // (1 (_ & 0) (_ _ _ & 0) (_ x & x) (_ & 0)), and the same around the head of the application.
    private static readonly Value Zero = Law.Make(Nat.Zero, Nat.One, App.Make(Nat.Of(2), 0));
    private static readonly Value LawZero = Law.Make(Nat.Zero, Nat.Of(3), App.Make(Nat.Of(2), 0));
    private static readonly Value First = Reflect(Nat.Of(2));
    private static readonly Value Second =
        Reflect(App.Make(Nat.Zero, App.Make(Nat.Of(2), First), 1));

    /// <param name="value">May be a thunk, which is not evaluated.</param>
    /// <param name="index">0 or 1.</param>
    public static Value Of(Evaluator evaluator, Value value, int index)
    {
        value = value.Resolved;
        return value.IsThunk
            ? evaluator.Delay(index == 0 ? First : Second, value)
            : AppParts.Item(value, index);
    }

    /// <param name="body">The answer for an app: a law body over its head and argument.</param>
    private static Value Reflect(Value body) => App.Make(
        Nat.Of(Opcode.Reflect), Zero, LawZero, Law.Make(Nat.Zero, Nat.Of(2), body), Zero);
}

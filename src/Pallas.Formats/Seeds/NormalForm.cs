using System.Diagnostics.CodeAnalysis;
using Pallas.Values;

namespace Pallas.Formats.Seeds;

/// <summary>
/// Applications that need no evaluation: closures, pins, laws and the data jets made of them.
/// </summary>
internal static class NormalForm
{
    /// <summary>Builds <c>(head args..)</c> where that is a value already.</summary>
    /// <param name="head">In normal form, as are the arguments.</param>
    /// <param name="args">Taken over; at least one.</param>
    /// <returns>False, and why, where evaluation would have to go on or would crash.</returns>
    public static bool TryApply(
        Value head, Value[] args, [NotNullWhen(true)] out Value? value,
        [NotNullWhen(false)] out string? error)
    {
        value = null;
        error = null;
        while (args.Length > 0)
        {
            if (head is App app)
            {
                args = [.. app.CopyParts(), .. args];
                head = app.Head;
            }

            // A pin that is not in memory comes from a store, which keeps normal forms only.
            if (head is Pin { IsUnseen: true } || args.Length < head.Arity)
            {
                value = DataShape.MakeApp(head, args);
                return true;
            }

            if (head is SmallNat { Word: Opcode.Pin })
            {
                head = Pin.Make(args[0]);
                args = args[1..];
            }
            else if (head is SmallNat { Word: Opcode.Law })
            {
                error = CheckLaw(args);
                if (error is not null)
                    return false;
                head = Law.Make((Nat)args[0], (Nat)args[1], args[2]);
                args = args[3..];
            }
            else
            {
                error = "an application that is not in normal form";
                return false;
            }
        }

        value = head;
        return true;
    }

    private static string? CheckLaw(Value[] args)
    {
        if (args[0] is not Nat)
            return "the name of a law is not a number";
        if (args[1] is not Nat argCount)
            return "the argument count of a law is not a number";
        return argCount.IsZero ? "a law without arguments" : null;
    }
}

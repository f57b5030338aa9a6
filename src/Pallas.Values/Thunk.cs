using System.Runtime.CompilerServices;

namespace Pallas.Values;

/// <summary>
/// A suspended evaluation, overwritten with its value once that is known.
/// </summary>
/// <remarks>
/// Belongs to the evaluation that made it, so it carries no lock. Its states:
/// pending (code and captured values), running (a black hole: who needs it now needs itself),
/// failed (as running, but the state knows the exception that the evaluation ended with), done
/// (the value; nothing else is kept alive). Captured values are let go when it starts to run, so
/// that a thunk which walks a long list does not hold its head.
/// <para>
/// Up to two captured values stand in the thunk itself, more in an array: most thunks capture one
/// or two, and an array would double the size of those. Compiled code captures up to two numbers
/// that it holds in registers as words, so that a loop whose counter is captured makes one object
/// a round and not three; <see cref="Suspension.Places"/> says which.
/// </para>
/// <para>
/// There are two layouts, of 40 bytes and of 56: a lazy list takes a cell and a thunk an element,
/// and most of those capture no words. Both are sealed, so that "is it a thunk" is two comparisons
/// in line: <see cref="Value.IsThunk"/>. (Asked of this class, it would be a call.)
/// </para>
/// </remarks>
public abstract class Thunk : Value
{
    /// <summary>As many captured values stand in the thunk itself.</summary>
    internal const int FieldsCount = 2;

    /// <summary>Null once the value is known.</summary>
    internal Suspension? Code;

    /// <summary>The first captured value, or an array of all; the value.</summary>
    internal object? A;

    /// <summary>The second captured value.</summary>
    internal object? B;

    private protected Thunk(Suspension code, object? a, object? b)
    {
        Code = code;
        A = a;
        B = b;
    }

    /// <param name="captured">As many as the code says; not kept.</param>
    internal static Thunk Of(Suspension code, params ReadOnlySpan<Value> captured) =>
        captured.Length switch
        {
            0 => new PlainThunk(code, null, null),
            1 => new PlainThunk(code, captured[0], null),
            2 => new PlainThunk(code, captured[0], captured[1]),
            _ => new PlainThunk(code, captured.ToArray(), null),
        };

    public override int Arity => throw new InvalidOperationException("a thunk has no arity");

    internal bool IsDone => Code is null;

    internal Value Result => Unsafe.As<Value>(A!);

    /// <summary>The value, through any evaluated thunks; a pending thunk is itself.</summary>
    internal Value Follow()
    {
        Value value = this;
        while (value.AsThunk is { Code: null } thunk)
            value = thunk.Result;
        return value;
    }

    /// <summary>Pending to running; writes what was captured to the slots.</summary>
    /// <param name="running">As <see cref="Run"/> takes it.</param>
    internal Suspension Enter(Span<Value> slots, Suspension running)
    {
        var pending = Code!;
        if (pending.Places is { } places)
        {
            for (var i = 0; i < places.Length; i++)
                slots[i] = Captured(places[i]);
            Run(running);
            return pending;
        }
        switch (pending.Count)
        {
            case 0:
                break;
            case 1:
                slots[0] = Unsafe.As<Value>(A!);
                break;
            case 2:
                slots[0] = Unsafe.As<Value>(A!);
                slots[1] = Unsafe.As<Value>(B!);
                break;
            default:
                Unsafe.As<Value[]>(A!).CopyTo(slots);
                break;
        }
        Run(running);
        return pending;
    }

    private Value Captured(int place) => place switch
    {
        Suspension.PlaceA => Unsafe.As<Value>(A!),
        Suspension.PlaceB => Unsafe.As<Value>(B!),
        Suspension.PlaceW => Nat.Of(Unsafe.As<WordThunk>(this).W),
        Suspension.PlaceV => Nat.Of(Unsafe.As<WordThunk>(this).V),
        _ => Unsafe.As<Value[]>(A!)[place - Suspension.PlaceArray],
    };

    /// <summary>From here on who needs the value needs itself.</summary>
    /// <param name="running">Is told how that ends, where it throws.</param>
    internal void Run(Suspension running)
    {
        Code = running;
        A = null;
        B = null;
    }

    internal void Finish(Value value)
    {
        A = value;
        Code = null;
    }

    /// <summary>Why a thunk that is neither pending nor done has no value.</summary>
    internal Exception Blocked() => Code!.Fault
        ?? new MachineFault(FaultKind.Loop, "a value needs itself to be computed");
}

/// <summary>A thunk that captures values only.</summary>
internal sealed class PlainThunk(Suspension code, object? a, object? b) : Thunk(code, a, b);

/// <summary>A thunk that captures words: its code has <see cref="Suspension.Places"/>.</summary>
internal sealed class WordThunk(Suspension code, object? a, object? b, ulong w, ulong v)
    : Thunk(code, a, b)
{
    internal readonly ulong W = w;
    internal readonly ulong V = v;
}

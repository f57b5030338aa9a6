using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Pallas.Plan;

/// <summary>
/// The method in which the frames of another one go on: the same body, entered through a jump to
/// the place after the call that a frame waited for. It takes the number of the place and the
/// value of the call. The JIT sees it when the first such frame goes on.
/// </summary>
internal sealed class ResumeMethod(MethodBuilder method, string? lawName)
{
    private nint entry;

    public MethodBuilder Method => method;

    public string? LawName => lawName;

    public bool ReturnsResult => method.ReturnType == typeof(Result);

    /// <summary>The instance of the batch's class, once it is made.</summary>
    public object? Target { get; set; }

    public nint Entry => entry != 0 ? entry : entry = Find();

    private nint Find() =>
        Target!.GetType().GetMethod(method.Name)!.MethodHandle.GetFunctionPointer();
}

/// <summary>The place after a call in compiled code.</summary>
/// <param name="takesResult">Whether the call returns a <see cref="Result"/>.</param>
internal sealed unsafe class CompiledPoint(ResumeMethod method, int number, bool takesResult)
    : ResumePoint
{
    private readonly bool returnsResult = method.ReturnsResult;
    private object? target;
    private nint entry;

    public override string? LawName => method.LawName;

    /// <param name="boxed">The value of the call; null where it is the word.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Result Resume(Evaluator evaluator, Value? boxed, ulong word)
    {
        if (entry == 0)
            (target, entry) = (method.Target, method.Entry);
        if (takesResult && boxed is SmallNat small)
            (boxed, word) = (null, small.Word);
        if (returnsResult)
            return ((delegate*<object?, Evaluator, int, Value?, ulong, Result>)entry)(
                target, evaluator, number, boxed, word);
        var value = ((delegate*<object?, Evaluator, int, Value?, ulong, Value?>)entry)(
            target, evaluator, number, boxed, word);
        return new() { Boxed = value ?? Evaluator.Unwound };
    }

    public override Value? Resume(Evaluator evaluator, FrameQueue queue, Value value) =>
        throw new InvalidOperationException("compiled code goes on with what it returned");
}

/// <summary>The points of the methods of a batch.</summary>
internal sealed class PointTable
{
    public CompiledPoint[] Points = [];
}

/// <summary>What compiled code calls to leave the native stack, and to go on.</summary>
/// <remarks>Optimized at once: calls of code that may be compiled again go through a stub.
/// </remarks>
internal static class Capture
{
    private const MethodImplOptions Apart =
        MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization;

    /// <summary>So many objects are saved with the point.</summary>
    public const int RefsMax = 3;

    /// <summary>A word is saved with the point beside so many objects at most.</summary>
    public const int RefsWithWordMax = 1;

    [MethodImpl(Apart)]
    public static void Save0(Evaluator evaluator, PointTable table, int number) =>
        evaluator.Leaving.Begin(table.Points[number]);

    [MethodImpl(Apart)]
    public static void Save1(Evaluator evaluator, PointTable table, int number, object? a)
    {
        var queue = evaluator.Leaving;
        queue.Begin(table.Points[number]);
        queue.Write(a);
    }

    [MethodImpl(Apart)]
    public static void Save2(
        Evaluator evaluator, PointTable table, int number, object? a, object? b)
    {
        var queue = evaluator.Leaving;
        queue.Begin(table.Points[number]);
        queue.Write(a);
        queue.Write(b);
    }

    [MethodImpl(Apart)]
    public static void Save3(
        Evaluator evaluator, PointTable table, int number, object? a, object? b, object? c)
    {
        var queue = evaluator.Leaving;
        queue.Begin(table.Points[number]);
        queue.Write(a);
        queue.Write(b);
        queue.Write(c);
    }

    /// <summary>A frame with one word or more, and no object: most recursion on numbers.
    /// </summary>
    [MethodImpl(Apart)]
    public static void Save0Word(Evaluator evaluator, PointTable table, int number, ulong word)
    {
        var queue = evaluator.Leaving;
        queue.Begin(table.Points[number]);
        queue.Write(word);
    }

    /// <summary>A frame with one object and one word or more.</summary>
    [MethodImpl(Apart)]
    public static void Save1Word(
        Evaluator evaluator, PointTable table, int number, object? a, ulong word)
    {
        var queue = evaluator.Leaving;
        queue.Begin(table.Points[number]);
        queue.Write(a);
        queue.Write(word);
    }

    [MethodImpl(Apart)]
    public static void SaveRef(Evaluator evaluator, object? item) => evaluator.Leaving.Write(item);

    [MethodImpl(Apart)]
    public static void SaveWord(Evaluator evaluator, ulong word) => evaluator.Leaving.Write(word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static object? TakeRef(Evaluator evaluator) => evaluator.Entering.TakeRef();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong TakeWord(Evaluator evaluator) => evaluator.Entering.TakeWord();
}

using System.Runtime.CompilerServices;

namespace Pallas.Eval;

/// <summary>Calls of compiled code that save a frame to the heap, and restore it.</summary>
/// <remarks>The JIT optimizes them at once: a call of a method that it may compile again goes
/// through a stub.</remarks>
internal static class FrameSpill
{
    private const MethodImplOptions Apart =
        MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization;

    /// <summary>The most objects that one call saves together with the point.</summary>
    public const int RefsMax = 3;

    /// <summary>The most objects beside which one call saves a word, too.</summary>
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

    /// <summary>Begins a frame of words alone, as most recursion on numbers has.</summary>
    [MethodImpl(Apart)]
    public static void SaveWord0(Evaluator evaluator, PointTable table, int number, ulong word)
    {
        var queue = evaluator.Leaving;
        queue.Begin(table.Points[number]);
        queue.Write(word);
    }

    [MethodImpl(Apart)]
    public static void SaveWord1(
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
    public static object? RestoreRef(Evaluator evaluator) => evaluator.Entering.TakeRef();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong RestoreWord(Evaluator evaluator) => evaluator.Entering.TakeWord();
}

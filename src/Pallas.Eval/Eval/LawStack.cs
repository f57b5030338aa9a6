using System.Diagnostics;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>The names of the laws that are being evaluated, for profiles.</summary>
/// <remarks>
/// What runs in machine code is found on the native stack, by the names of its methods; each run
/// of the interpreter there stands for the frames of the heap stack down to where it began. Laws
/// that made a call in tail position are not there. A suspended expression counts for the law
/// that is found in its first slot, or else for the one that waits for it.
/// </remarks>
internal static class LawStack
{
    private const char NameMark = ':';
    private const int NameBytesMax = 200;

    /// <param name="entering">What is called just now; null in machine code.</param>
    /// <returns>The outermost first, at most so many of the innermost.</returns>
    public static IReadOnlyList<string> Of(Evaluator evaluator, LawCode? entering, int countMax)
    {
        var names = new List<string>();
        if (entering is not null)
            names.Add(NameOf(entering.Self));
        var frames = evaluator.Stack.Frames;
        var (left, lastBase, floorCount) = (frames.Length, -1, evaluator.Exit.Floors.Count);
        foreach (var frame in new StackTrace(fNeedFileInfo: false).GetFrames())
        {
            if (names.Count >= countMax)
                break;
            var method = frame.GetMethod();
            if (method?.DeclaringType is not { } type)
                continue;
            if (type.Name == Batch.TypeName && type.Assembly.IsDynamic)
                names.Add(LawOf(method.Name));
            else if (type == typeof(Evaluator) && method.Name == Evaluator.RunName)
                TakeRun(evaluator, names, countMax, ref left, ref lastBase, floor: 0);
            else if (type == typeof(NativeExit) && method.Name == NativeExit.SettleName
                && floorCount > 0)
                TakeRun(
                    evaluator, names, countMax, ref left, ref lastBase,
                    evaluator.Exit.Floors[--floorCount]);
        }
        // What is evaluated on a fresh stack began on another one.
        while (left > 0 && names.Count < countMax)
            TakeRun(evaluator, names, countMax, ref left, ref lastBase, floor: 0);
        names.Reverse();
        return names;
    }

    /// <summary>The name of a method of machine code.</summary>
    /// <param name="number">Makes it one of its own.</param>
    public static string MethodName(string number, LawCode code)
    {
        var name = NameOf(code.Self);
        // Metadata ends a name at a zero.
        return number + NameMark + (name.Any(char.IsControl) ? "(odd name)" : name);
    }

    /// <summary>The name of the law that a method of machine code runs.</summary>
    public static string LawOf(string methodName) =>
        methodName[(methodName.IndexOf(NameMark) + 1)..];

    private static string NameOf(Value function) => function switch
    {
        Pin { Item: Law law } => NameOf(law),
        Law law when law.Name.BitLength > NameBytesMax * 8 => "(long name)",
        Law law => law.Name.ToText() is { Length: > 0 } text ? text : "(no name)",
        Nat opcode => $"(opcode {opcode.ToDecimal()})",
        _ => "(value)",
    };

    /// <summary>The frames of one run of the interpreter, the innermost first.</summary>
    private static void TakeRun(
        Evaluator evaluator, List<string> names, int countMax, ref int left, ref int lastBase,
        int floor)
    {
        while (left > floor && names.Count < countMax)
        {
            var frame = evaluator.Stack.Frames[--left];
            if (ReferenceEquals(frame.Node, StopNode.Instance))
                return;
            if (frame.Extra is FrameQueue queue)
                names.AddRange(queue.Names().Take(countMax - names.Count));
            if (frame.Base == lastBase || frame.Base >= evaluator.Slots.Length)
                continue;
            lastBase = frame.Base;
            if (evaluator.Slots[frame.Base] is { } first
                && first.Resolved is Law or Pin { Item: Law })
                names.Add(NameOf(first.Resolved));
        }
    }
}

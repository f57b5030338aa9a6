using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Finds the arguments and lets that are better held as machine words than as objects.
/// </summary>
/// <remarks>
/// Assumes the Core after all passes. Gives a hint: a variable that is found may still hold any
/// value, and the code for it has a path for that.
///
/// Example: in <c>loop n acc = (if n (loop (dec n) (add acc n)) acc)</c> both arguments are used
/// as numbers.
/// </remarks>
internal static class UnboxingAnalysis
{
    public static bool[] Find(LawCode code, Core body)
    {
        var words = new bool[code.Arity];
        while (Visit(code, body, words))
        {
        }
        return words;
    }

    /// <summary>Whether an operation, a call that takes a word, or a row whose first item may be
    /// unboxed uses a variable.</summary>
    public static bool IsNumber(LawMethods law, int id, Core body)
    {
        bool IsIt(Core core) => core is Core.Var variable && variable.Id == id;
        var todo = new Stack<Core>([body]);
        while (todo.TryPop(out var next))
        {
            var isUse = next switch
            {
                Core.Operation op =>
                    (op.Op.TakesNats || op.Op.IsOrder) && op.Args.Any(IsIt),
                Core.Build { Head: Core.Const { Value: Cow } } build => IsIt(build.Args[^1]),
                Core.Call call when call.Code == law.Code =>
                    call.Args.Where((_, at) => law.Facts.IsWord[at]).Any(IsIt),
                _ => false,
            };
            if (isUse)
                return true;
            foreach (var part in next.Parts)
                todo.Push(part);
        }
        return false;
    }

    /// <returns>Whether the visit found more.</returns>
    private static bool Visit(LawCode code, Core body, bool[] words)
    {
        var isMore = false;
        void Note(Core use)
        {
            if (use is not Core.Var variable || variable.Id > words.Length)
                return;
            isMore |= !words[variable.Id - 1];
            words[variable.Id - 1] = true;
        }
        var todo = new Stack<Core>([body]);
        while (todo.TryPop(out var next))
        {
            switch (next)
            {
                case Core.Operation op when op.Op.TakesNats:
                    Array.ForEach(op.Args, Note);
                    break;
                case Core.Operation op when op.Op.IsOrder:
                    if (IsNat(op.Args[0], words) || IsNat(op.Args[1], words))
                        Array.ForEach(op.Args, Note);
                    break;
                case Core.Operation op when op.Op.IsItem:
                    Note(op.Args[1 - op.Op.RowAt]);
                    break;
                case Core.Operation op when op.Op == OpTable.Eqz:
                    Note(op.Args[0]);
                    break;
                case Core.Switch choice:
                    Note(choice.Index);
                    break;
                case Core.Call call when call.Code == code:
                    for (var i = 0; i < words.Length; i++)
                    {
                        if (words[i])
                            Note(call.Args[i]);
                    }
                    break;
            }
            foreach (var part in next.Parts)
                todo.Push(part);
        }
        return isMore;
    }

    private static bool IsNat(Core core, bool[] words) => core switch
    {
        Core.Const constant => constant.Value is SmallNat,
        Core.Operation op => op.Op.GivesNat,
        Core.Var variable => variable.Id <= words.Length && words[variable.Id - 1],
        _ => false,
    };
}

using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Brings values to normal form, in place: a field that held a thunk comes to hold its value.
/// </summary>
/// <remarks>
/// Walks with a stack of its own. A compound value, and each node of a long one, is marked when all
/// of it is normal, so shared parts are walked once, and never again by anybody. Values that are
/// normal but not marked yet, such as the constants of laws, may be walked by several threads at
/// once: the mark of a walk says that there may be a loop, and the path of this walk decides. A
/// loop always leads through a compound value, so nodes bear no mark of a walk.
/// <para>
/// Parts are evaluated in the order in which the application that a value is has them, from the
/// head on; it decides which of two crashes wins. A row is a constructor applied to its last item
/// first, so its items are evaluated from the last to the first, and a tab's values likewise.
/// </para>
/// </remarks>
internal static class Normalizer
{
    public static Value Of(Evaluator evaluator, Value value)
    {
        value = Shape(evaluator, value);
        if (value is Compound { Normality: not NormalState.Normal } compound)
            Walk(evaluator, compound);
        return value;
    }

    private static void Walk(Evaluator evaluator, Compound top)
    {
        var path = new Path();
        HashSet<Compound>? onPath = null;
        Descend(path, ref onPath, top);
        try
        {
            while (path.Count > 0)
            {
                switch (Next(evaluator, ref path.Last))
                {
                    case Compound inner:
                        Descend(path, ref onPath, inner);
                        break;
                    case ItemNode node:
                        path.Push(node, path.Last.IsBackward);
                        break;
                    default:
                        Ascend(path, onPath);
                        break;
                }
            }
        }
        finally
        {
            // Only an exception leaves something there. It is not caught: to catch and throw again
            // takes native stack, and a crash whose argument crashes may be nested deeply.
            foreach (var compound in path.Compounds)
                compound.Normality = NormalState.Unknown;
        }
    }

    private static void Descend(Path path, ref HashSet<Compound>? onPath, Compound value)
    {
        if (value.Normality == NormalState.Walking)
        {
            onPath ??= new HashSet<Compound>(
                path.Compounds, ReferenceEqualityComparer.Instance);
            if (onPath.Contains(value))
                throw new MachineFault(FaultKind.Loop, "a value contains itself and has no end");
        }
        value.Normality = NormalState.Walking;
        onPath?.Add(value);
        path.Push(value, value is Row or Tab);
    }

    private static void Ascend(Path path, HashSet<Compound>? onPath)
    {
        if (path.Last.Part is Compound compound)
        {
            compound.MarkNormal();
            onPath?.Remove(compound);
        }
        else
        {
            ((ItemNode)path.Last.Part).MarkNormal();
        }
        path.Pop();
    }

    /// <summary>The next compound value or node that is not known to be normal, or null.</summary>
    private static object? Next(Evaluator evaluator, ref Step step)
    {
        if (step.Part is not ItemNode node)
        {
            var compound = (Compound)step.Part;
            if (compound.InlineCount > 0)
                return NextInline(evaluator, compound, ref step);
            var parts = compound.Parts;
            if (parts.IsFlat)
                return Next(evaluator, parts.Flat, ref step);
            return step.Next++ == 0 && !parts.IsNormal ? parts.Tree : null;
        }
        if (node.Kids is not { } kids)
            return Next(evaluator, node.Run, ref step);
        while (step.Next < kids.Length)
        {
            var kid = kids[step.TakeIndex(kids.Length)];
            if (!kid.IsNormal)
                return kid;
        }
        return null;
    }

    private static Compound? Next(Evaluator evaluator, ItemRun run, ref Step step)
    {
        if (run.Values is not { } fields)
            return null;
        while (step.Next < fields.Length)
        {
            var index = step.TakeIndex(fields.Length);
            var (old, field) = (fields[index], Shape(evaluator, fields[index]));
            if (field != old)
                fields[index] = field;
            if (field is Compound { Normality: not NormalState.Normal } inner)
                return inner;
        }
        return null;
    }

    private static Compound? NextInline(Evaluator evaluator, Compound value, ref Step step)
    {
        while (step.Next < value.InlineCount)
        {
            var index = step.TakeIndex(value.InlineCount);
            if (index == 0 && value.HasNumber)
                continue;
            var old = value.PartAt(index);
            var part = Shape(evaluator, old);
            if (part != old)
                value.SetPart(index, part);
            if (part is Compound { Normality: not NormalState.Normal } inner)
                return inner;
        }
        return null;
    }

    /// <summary>Weak head normal form; a set applied to its row of values becomes a tab.</summary>
    private static Value Shape(Evaluator evaluator, Value value)
    {
        if (value.IsThunk)
            value = evaluator.Whnf(value);
        if (value is not App { Head: Set set, Count: 1 } app)
            return value;
        var values = evaluator.Whnf(app[0]);
        app.SetPart(0, values);
        return values is Row row && row.Count == set.Count ? Tab.Of(set, row) : value;
    }

    /// <summary>From the top down to where the walk is.</summary>
    /// <remarks>A list of the library's would be compiled at each start, badly at first.</remarks>
    private sealed class Path
    {
        private Step[] steps = new Step[16];

        public int Count { get; private set; }

        public ref Step Last => ref steps[Count - 1];

        public IEnumerable<Compound> Compounds
        {
            get
            {
                for (var i = 0; i < Count; i++)
                {
                    if (steps[i].Part is Compound compound)
                        yield return compound;
                }
            }
        }

        public void Push(object part, bool isBackward)
        {
            if (Count == steps.Length)
                Array.Resize(ref steps, 2 * Count);
            steps[Count++] = new Step { Part = part, IsBackward = isBackward };
        }

        public void Pop() => steps[--Count] = default;
    }

    /// <summary>Where the walk stands in a compound value or in a node of one.</summary>
    private struct Step
    {
        public object Part;
        public int Next;
        public bool IsBackward;

        public int TakeIndex(int length) => IsBackward ? length - 1 - Next++ : Next++;
    }
}

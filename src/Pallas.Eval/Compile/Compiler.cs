using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Chooses the laws that are compiled together, and the time.</summary>
internal static class Compiler
{
    /// <summary>The most laws in one batch, and the largest size of their bodies together.
    /// </summary>
    private const int LawsMax = 24;
    private const int SizeMax = 4_000;

    /// <summary>The calls after which a law is compiled together with a hot law that calls it.
    /// </summary>
    public const int WarmCalls = 50;

    /// <summary>Compiles a law and the laws that it calls, where that is possible.</summary>
    /// <returns>Whether the law has machine code now.</returns>
    public static bool TryCompile(LawCode code, Tier tier)
    {
        if (code.Heat < 0 || code.Source is null)
        {
            code.Heat = int.MinValue;
            return false;
        }
        var cache = code.Table.Code;
        if (!cache.HasRoom)
            return code.Compiled is not null;
        lock (cache.Gate)
        {
            if (code.Compiled is not null)
                return true;
            if (LawFacts.Of(code).Body is null)
            {
                code.Heat = int.MinValue;
                return false;
            }
            var batch = Gather(code, tier);
            if (StackGuard.HasRoom)
                Batch.Compile(batch, cache);
            else
                StackGuard.OnFreshStack(() =>
                {
                    Batch.Compile(batch, cache);
                    return true;
                });
        }
        return code.Compiled is not null;
    }

    /// <summary>The law and the warm laws that it calls, directly or through each other.</summary>
    private static List<LawCode> Gather(LawCode root, Tier tier)
    {
        var found = new List<LawCode> { root };
        var size = LawFacts.Of(root).Size;
        for (var i = 0; i < found.Count && found.Count < LawsMax; i++)
        {
            foreach (var callee in Callees(LawFacts.Of(found[i]).Body!))
            {
                if (callee.Compiled is not null || callee.Source is null || callee.Heat < 0
                    || found.Contains(callee) || found.Count >= LawsMax
                    || (tier == Tier.Default && callee.Heat < WarmCalls))
                    continue;
                var facts = LawFacts.Of(callee);
                if (facts.Body is null || size + facts.Size > SizeMax)
                    continue;
                size += facts.Size;
                found.Add(callee);
            }
        }
        return found;
    }

    private static IEnumerable<LawCode> Callees(Core body)
    {
        var todo = new Stack<Core>([body]);
        while (todo.TryPop(out var term))
        {
            if (term is Core.Call call)
                yield return call.Code;
            foreach (var part in term.Parts)
                todo.Push(part);
        }
    }
}

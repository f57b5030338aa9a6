using Pallas.Values;

namespace Pallas.Eval;

/// <summary>The Core of a law as text, for listings.</summary>
public static class CoreStages
{
    /// <summary>The Core of a law as it is decoded, then after each pass that changes it.
    /// </summary>
    /// <param name="function">A law, or a pinned law.</param>
    /// <returns>Empty for a value of another kind.</returns>
    public static IReadOnlyList<(string Stage, string Text)> Of(Value function, JetTable jets)
    {
        if ((function as Law ?? (function as Pin)?.Item as Law) is not { } law)
            return [];
        var build = new CoreBuilder(new LawCode(jets, function, law.Arity) { Source = law });
        var core = LawDecoder.Decode(build);
        var stages = new List<(string Stage, string Text)> { ("decode", $"{core}") };
        CorePasses.Run(core, build, (pass, _, after) =>
        {
            if ($"{after}" is var text && text != stages[^1].Text)
                stages.Add((pass, text));
        });
        return stages;
    }
}

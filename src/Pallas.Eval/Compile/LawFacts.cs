using Pallas.Values;

namespace Pallas.Eval;

/// <summary>What the compiler knows of a law before it compiles it.</summary>
internal sealed class LawFacts
{
    /// <summary>Larger bodies are left to the interpreter: the JIT takes too long for them.
    /// </summary>
    private const int SizeMax = 3_300;

    /// <summary>Of a law that is not analysed: nothing is known to be evaluated.</summary>
    public static readonly LawFacts None = new() { StrictArgs = [] };

    /// <summary>The body after all passes; null where the law is not to be compiled.</summary>
    public Core? Body { get; init; }

    public int Size { get; init; }

    /// <summary>The arguments, counted from 1, that <see cref="StrictnessAnalysis"/> finds.
    /// </summary>
    public required int[] StrictArgs { get; init; }

    /// <summary>By argument, counted from 0: whether compiled code takes a word.</summary>
    public bool[] IsWord { get; init; } = [];

    /// <summary>Whether the law returns a number, as far as its body shows.</summary>
    public bool ReturnsNat { get; init; }

    public bool HasWords => IsWord.Contains(true);

    /// <summary>Analyses a law; the answer is kept with it.</summary>
    public static LawFacts Of(LawCode code)
    {
        if (code.Facts is { } known)
            return known;
        if (code.Source is null)
            return None;

        // A recursive request for the same law learns nothing.
        code.Facts = None;
        return code.Facts = Find(code);
    }

    private static LawFacts Find(LawCode code)
    {
        var build = new CoreBuilder(code);
        var body = LawDecoder.Decode(build);
        if (!StackGuard.HasRoom || CoreQueries.SizeOf(body, SizeMax) > SizeMax)
            return None;
        body = CorePasses.Run(body, build);
        var size = CoreQueries.SizeOf(body, SizeMax);
        if (size > SizeMax)
            return None;
        var words = UnboxingAnalysis.Find(code, body);
        return new LawFacts
        {
            Body = body,
            Size = size,
            StrictArgs = StrictnessAnalysis.Find(code, body),
            IsWord = words,
            ReturnsNat = ReturnsNatAtEnd(code, body, words) == true,
        };
    }

    /// <summary>Null for a call of the law itself, which decides nothing.</summary>
    private static bool? ReturnsNatAtEnd(LawCode code, Core core, bool[] words) => core switch
    {
        Core.Const constant => constant.Value is SmallNat,
        Core.Var variable => variable.Id <= words.Length && words[variable.Id - 1],
        Core.Let let => ReturnsNatAtEnd(code, let.Body, words),
        Core.LetRec rec => ReturnsNatAtEnd(code, rec.Body, words),
        Core.Seq seq => ReturnsNatAtEnd(code, seq.Then, words),
        Core.If choice => Both(
            ReturnsNatAtEnd(code, choice.Then, words), ReturnsNatAtEnd(code, choice.Else, words)),
        Core.Switch choice => choice.Items.Append(choice.Fallback)
            .Select(item => ReturnsNatAtEnd(code, item, words))
            .Aggregate(Both),
        Core.Operation op => op.Op.GivesNat,
        Core.Call call when call.Code == code => null,
        _ => false,
    };

    private static bool? Both(bool? a, bool? b) => a is null ? b : b is null ? a : a & b;
}


namespace Pallas.Eval;

/// <summary>How a law uses each of its arguments; <see cref="Specialize"/> decides by it.
/// </summary>
/// <remarks>Assumes a body without recursive lets. Example: <c>(listMap f xs)</c> applies its
/// first argument, and consumes the second one.</remarks>
internal sealed class ArgumentUsage
{
    private const int SizeMax = 120;

    private ArgumentUsage(int arity, Core body)
    {
        Body = body;
        (IsApplied, IsOnlyApplied, IsConsumed) =
            (new bool[arity], new bool[arity], new bool[arity]);
        Array.Fill(IsOnlyApplied, true);
        Visit(body);
        IsRecursive = HasSelfCall(body);
        IsProducer = IsRecursive && Results(body).Any(
            result => CoreQueries.BuiltRowItems(result) is { } items && items.Any(HasSelfCall));
    }

    public Core Body { get; }

    /// <summary>By argument: whether the law applies it.</summary>
    public bool[] IsApplied { get; }

    /// <summary>By argument: whether the law only applies it, or passes it on to itself.</summary>
    public bool[] IsOnlyApplied { get; }

    /// <summary>By argument: whether the law tests what kind of value it is.</summary>
    public bool[] IsConsumed { get; }

    public bool IsRecursive { get; }

    /// <summary>Whether the law returns a row with a suspended call of itself.</summary>
    public bool IsProducer { get; }

    /// <summary>The usage, kept with the law; null for a law that is too large.</summary>
    public static ArgumentUsage? Of(LawCode code)
    {
        if (code.Source is null || code.HasNoUsage)
            return null;
        if (code.Usage is { } known)
            return known;
        var body = LawDecoder.Decode(new CoreBuilder(code));
        if (IsSimple(body, SizeMax))
            return code.Usage = new ArgumentUsage(code.Arity, body);
        code.HasNoUsage = true;
        return null;
    }

    /// <summary>Whether an expression has no recursive lets and is not too large.</summary>
    public static bool IsSimple(Core core, int sizeMax) =>
        CoreQueries.SizeOf(core, sizeMax) <= sizeMax
            && !CoreQueries.Has(core, part => part is Core.LetRec);

    private static bool HasSelfCall(Core core) =>
        CoreQueries.Has(core, part => part is Core.Call { IsSelfCall: true });

    /// <summary>The expressions that the value of an expression may come from.</summary>
    private static IEnumerable<Core> Results(Core core) => core switch
    {
        Core.Let let => Results(let.Body),
        Core.If choice => Results(choice.Then).Concat(Results(choice.Else)),
        Core.Seq seq => Results(seq.Then),
        _ => [core],
    };

    private void Visit(Core core)
    {
        if (core is Core.Var { Id: > 0 } variable && variable.Id <= IsOnlyApplied.Length)
            IsOnlyApplied[variable.Id - 1] = false;
        if (CoreQueries.IsNatTest(core) is Core.Var { Id: > 0 } tested
            && tested.Id <= IsConsumed.Length)
        {
            IsConsumed[tested.Id - 1] = true;
        }
        var parts = core.Parts;
        for (var i = 0; i < parts.Length; i++)
        {
            if (i == 0 && core is Core.Apply { Function: Core.Var { Id: > 0 } function }
                && function.Id <= IsApplied.Length)
            {
                IsApplied[function.Id - 1] = true;
                continue;
            }
            var isPassedOn =
                core is Core.Call { IsSelfCall: true } or Core.Build { Head: Core.Var { Id: 0 } }
                && parts[i] is Core.Var passed && passed.Id == i;
            if (!isPassedOn)
                Visit(parts[i]);
        }
    }
}

using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Fuses a law that consumes a list with a law that produces one, so that the list is not made.
/// </summary>
/// <remarks>
/// Assumes: no recursive lets.
///
/// Gives: an expression of the same value that needs as much, by need. An expression moves only
/// to where it was evaluated already, and is copied only into branches of which at most one runs.
///
/// Example, where <c>gen n = [n (gen (inc n))]</c>: the body of <c>sum</c>,
/// <c>(if (isNat xs) 0 (add (idx 0 xs) (sum (idx 1 xs))))</c>, with <c>(gen n)</c> for <c>xs</c>
/// becomes <c>(add n (sum (gen (inc n))))</c>.
/// </remarks>
/// <param name="argumentsEnd">Variables below are arguments of the law that is made.</param>
internal sealed class Deforest(CoreBuilder build, int argumentsEnd)
{
    /// <summary>The largest value of a let that is copied into several branches.</summary>
    private const int CopySizeMax = 16;

    private readonly KnownRows rows = new(build);

    // ---- Fusing

    /// <summary>
    /// The consumer with a call in place of a variable, and with the body of the called law where
    /// the consumer first tests what kind of value the variable has.
    /// </summary>
    /// <param name="core">In tail position of the consumer.</param>
    /// <param name="again">The consumer's call of itself, with another value for the variable;
    /// null where the consumer's work before the test is not to be repeated.</param>
    /// <returns>Null where the consumer uses the variable before the test.</returns>
    public Core? Fuse(Core core, int variable, Core.Call producer, Func<Core, Core>? again)
    {
        switch (core)
        {
            case Core.Let let:
                if (CoreQueries.HasVariable(let.Bound, variable))
                    return null;
                return Fuse(let.Body, variable, producer, again) is { } rest
                    ? let with { Body = rest }
                    : null;
            case Core.If { IsZeroTest: false } choice
                when CoreQueries.IsNatTest(choice.Condition) is Core.Var { Id: var tested }
                    && tested == variable:
                return Unfold(choice, variable, producer, again);
            case Core.If or Core.Seq:
                var parts = core.Parts;
                if (CoreQueries.HasVariable(parts[0], variable))
                    return null;
                var next = IsRepeatable(parts[0]) ? again : null;
                for (var i = 1; i < parts.Length; i++)
                {
                    if (Fuse(parts[i], variable, producer, next) is not { } fused)
                        return null;
                    parts[i] = fused;
                }
                return build.With(core, parts);
            default:
                return Bind(core, variable, producer);
        }
    }

    /// <summary>Whether repeating an evaluation changes nothing: arguments are evaluated by then,
    /// and operations on them are short. A call or a let may trace each time, or run long.
    /// </summary>
    private bool IsRepeatable(Core core) => core switch
    {
        Core.Const => true,
        Core.Var variable => variable.Id < argumentsEnd,
        Core.Operation { Jet: not null }
            or Core.JetCall
        {
            Jet.Control: JetControl.And or JetControl.Or or JetControl.Nand or JetControl.Nor,
        } => core.Parts.All(IsRepeatable),
        _ => false,
    };

    /// <summary>A copy with a let for a variable that the expression uses.</summary>
    private Core Bind(Core core, int variable, Core bound)
    {
        if (!CoreQueries.HasVariable(core, variable))
            return build.Copy(core, []);
        var id = build.NewVariable();
        return new Core.Let(id, bound, build.Copy(core, new() { [variable] = new Core.Var(id) }));
    }

    private Core Unfold(
        Core.If test, int variable, Core.Call producer, Func<Core, Core>? again)
    {
        var given = new Dictionary<int, Core> { [0] = new Core.Const(producer.Code.Self) };
        for (var i = 0; i < producer.Args.Length; i++)
            given[i + 1] = producer.Args[i];
        return Push(build.Copy(ArgumentUsage.Of(producer.Code)!.Body, given));

        Core Push(Core core) => core switch
        {
            Core.Let let => let with { Body = Push(let.Body) },
            Core.If choice => choice with
            {
                Then = Push(choice.Then),
                Else = Push(choice.Else),
            },
            Core.Seq seq => seq with { Then = Push(seq.Then) },
            _ => again is not null && CoreQueries.LawOf(core) == producer.Code
                ? again(core)
                : Bind(test, variable, core),
        };
    }

    // ---- Simplifying

    /// <summary>Uses what is known: tests of constants and of rows, items of rows, lets that are
    /// used once.</summary>
    public Core Simplify(Core core)
    {
        switch (core)
        {
            case Core.Let let:
                return SimplifyLet(let);
            case Core.If choice:
                var condition = Simplify(choice.Condition);
                if (IsKnownTrue(condition, choice.IsZeroTest) is { } isTrue)
                    return Simplify(isTrue ? choice.Then : choice.Else);
                return choice with
                {
                    Condition = condition,
                    Then = Simplify(choice.Then),
                    Else = Simplify(choice.Else),
                };
            case Core.Apply apply:
                var (function, args) =
                    (Simplify(apply.Function), apply.Args.Select(Simplify).ToArray());
                return function is Core.Let outer
                    ? outer with { Body = build.Apply(outer.Body, args) }
                    : build.Apply(function, args);
        }
        var simple = build.Map(core, Simplify);
        if (CoreQueries.IsNatTest(simple) is { } tested && IsKnownNat(tested) is { } isNat)
            return new Core.Const(Nat.Of(isNat));
        return rows.ItemOf(simple) ?? simple;
    }

    private Core SimplifyLet(Core.Let let)
    {
        var bound = Simplify(let.Bound);

        // Lets around the value of a let become lets around the let.
        if (bound is Core.Let outer)
            return SimplifyLet(outer with { Body = let with { Bound = outer.Body } });
        if (CoreQueries.IsAtom(bound))
            return Simplify(Put(let, bound));
        var named = rows.Name(let.Id, bound);
        var result = PutOnce(new Core.Let(let.Id, named?.Row ?? bound, Simplify(let.Body)));
        foreach (var (id, item) in named?.Lets ?? [])
            result = PutOnce(new Core.Let(id, item, result));
        return result;
    }

    /// <summary>Replaces the variable of a let where at most one use runs.</summary>
    /// <param name="let">Its parts are simple.</param>
    private Core PutOnce(Core.Let let)
    {
        var (onPath, inAll) = Uses(let.Body, let.Id);
        if (inAll == 0)
            return let.Body;
        return onPath == 1 && (inAll == 1 || CoreQueries.SizeOf(let.Bound) <= CopySizeMax)
            ? Put(let, let.Bound)
            : let;
    }

    /// <summary>The body of a let with a value in place of the variable.</summary>
    private Core Put(Core.Let let, Core value)
    {
        var isFirst = true;
        return Replace(let.Body);

        Core Replace(Core core)
        {
            if (core is not Core.Var variable || variable.Id != let.Id)
                return build.Map(core, Replace);
            var isMoved = isFirst;
            isFirst = false;
            return isMoved ? value : build.Copy(value, []);
        }
    }

    private static bool? IsKnownTrue(Core condition, bool isZeroTest)
    {
        if (condition is not Core.Const { Value: var value })
            return null;
        return isZeroTest ? value is Nat { IsZero: true } : ControlJets.IsTrue(value);
    }

    private bool? IsKnownNat(Core core) => core is Core.Const constant
        ? constant.Value is Nat
        : rows.ItemsOf(core) is null ? null : false;

    /// <summary>The most uses of a variable on one path, and the uses in all.</summary>
    private static (int OnPath, int InAll) Uses(Core core, int id)
    {
        if (core is Core.Var variable)
            return variable.Id == id ? (1, 1) : (0, 0);
        var uses = core.Parts.Select(part => Uses(part, id)).ToArray();
        var (onPath, inAll) = (uses.Sum(use => use.OnPath), uses.Sum(use => use.InAll));
        return core is Core.If
            ? (uses[0].OnPath + Math.Max(uses[1].OnPath, uses[2].OnPath), inAll)
            : (onPath, inAll);
    }
}

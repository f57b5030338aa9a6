using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Replaces calls of small laws by their bodies, and an item of a row that the law itself builds
/// by the item.
/// </summary>
/// <remarks>
/// Assumes: lets are placed where they are used.
///
/// Gives: an expression of the same value. An argument becomes a let, so it is evaluated at most
/// once, and only where the called law would have evaluated it. In lazy position a body replaces
/// the call only where it is computed or built without a thunk; otherwise a thunk that calls the
/// law is smaller. The lets need <see cref="FloatLets"/> again.
///
/// Example, where <c>double x = (mul 2 x)</c>: <c>(add (double n) 1)</c> becomes
/// <c>(add (mul 2 n) 1)</c>.
/// </remarks>
internal sealed class Inline
{
    /// <summary>The largest body that replaces a call.</summary>
    private const int SizeMax = 32;

    /// <summary>The most that is added to one law.</summary>
    private const int GrowthMax = 600;

    /// <summary>Bodies inside bodies.</summary>
    private const int DepthMax = 5;

    /// <summary>Operations inside operations that are computed at once in lazy position.</summary>
    private const int CheapDepthMax = 4;

    private readonly CoreBuilder build;

    /// <summary>The expressions that are done: false for those seen in lazy position only, where
    /// fewer bodies replace calls.</summary>
    private readonly Dictionary<Core, bool> isDoneStrict = new(ReferenceEqualityComparer.Instance);

    private readonly KnownRows rows;
    private int growthLeft = GrowthMax;

    private Inline(CoreBuilder build) => (this.build, rows) = (build, new KnownRows(build));

    public static Core Run(Core core, CoreBuilder build) =>
        new Inline(build).Visit(core, isLazy: false, 0);

    private Core Visit(Core core, bool isLazy, int depth)
    {
        if (CoreQueries.IsAtom(core) || !StackGuard.HasRoom
            || (isDoneStrict.TryGetValue(core, out var isStrict) && (isStrict || isLazy)))
        {
            return core;
        }
        var result = VisitOnce(core, isLazy, depth);
        isDoneStrict[result] = isDoneStrict[core] = !isLazy;
        return result;
    }

    private Core VisitOnce(Core core, bool isLazy, int depth)
    {
        Core Strict(Core part) => Visit(part, isLazy: false, depth);
        Core Lazy(Core part) => Visit(part, isLazy: true, depth);
        switch (core)
        {
            case Core.Let let:
                return VisitLet(let, isLazy, depth);
            case Core.LetRec rec:
                var bindings = rec.Bindings.Select(bound => (bound.Id, Lazy(bound.Bound)));
                return new Core.LetRec([.. bindings], Visit(rec.Body, isLazy, depth));
            case Core.Call call:
                return VisitCall(call, [], isLazy, depth);
            case Core.Apply { Function: Core.Call call } apply:
                return VisitCall(call, apply.Args, isLazy, depth);
            case Core.Apply apply:
                return build.Apply(Strict(apply.Function), [.. apply.Args.Select(Lazy)]);
            case Core.Build or Core.Operation { Jet: null }:
                return build.Map(core, Lazy);
            case Core.JetCall { Jet.Control: JetControl.None } jet:
                return build.With(jet, [.. jet.Args.Select((arg, index) =>
                    Visit(arg, !jet.Jet.Force.Contains((byte)(index + 1)), depth))]);
            default:
                var visited = build.Map(core, Strict);
                return rows.ItemOf(visited) ?? visited;
        }
    }

    private Core VisitLet(Core.Let let, bool isLazy, int depth)
    {
        var bound = Visit(let.Bound, isLazy: true, depth);
        var named = rows.Name(let.Id, bound);
        bound = named?.Row ?? bound;
        isDoneStrict[bound] = false;
        Core result = new Core.Let(let.Id, bound, Visit(let.Body, isLazy, depth));
        foreach (var (id, item) in named?.Lets ?? [])
            result = new Core.Let(id, item, result);
        return result;
    }

    /// <param name="rest">The arguments that the call's value is applied to.</param>
    private Core VisitCall(Core.Call call, Core[] rest, bool isLazy, int depth)
    {
        Core Lazy(Core part) => Visit(part, isLazy: true, depth);
        call = call with { Args = [.. call.Args.Select(Lazy)] };
        rest = [.. rest.Select(Lazy)];
        if (CanInline(call, depth))
        {
            var before = growthLeft;
            growthLeft -= call.Code.InlineSize;
            var body = LawDecoder.DecodeCall(call.Code, call.Args, build);
            if (rest.Length > 0)
                body = build.Apply(body, rest);
            body = Visit(body, isLazy, depth + 1);
            if (!isLazy || IsCheap(body, CheapDepthMax))
                return body;
            growthLeft = before;
        }
        return rest.Length == 0 ? call : new Core.Apply(call, rest);
    }

    private bool CanInline(Core.Call call, int depth)
    {
        if (CoreQueries.LawOf(call) is not { } code || code == build.Self || depth >= DepthMax)
            return false;
        if (code.InlineSize == 0)
            code.InlineSize = InlineSizeOf(code);
        return code.InlineSize <= growthLeft;
    }

    /// <summary>The size of a body; very large for a body that replaces no call.</summary>
    private static int InlineSizeOf(LawCode code)
    {
        var body = LawDecoder.Decode(new CoreBuilder(code));
        return CoreQueries.HasVariable(body, 0)
            ? int.MaxValue
            : CoreQueries.SizeOf(body, SizeMax);
    }

    /// <summary>Whether the expression is computed or built in lazy position, without calls.
    /// </summary>
    private static bool IsCheap(Core core, int depth) => core switch
    {
        Core.Const or Core.Var => true,
        Core.Build { Head: Core.Const } build =>
            depth > 0 && build.Args.All(arg => IsCheap(arg, depth - 1)),
        Core.Operation { Jet: not null } op =>
            depth > 0 && op.Args.All(arg => IsCheap(arg, depth - 1)),
        _ => false,
    };
}

using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Finds the variables that an expression certainly evaluates first, in order.
/// </summary>
/// <remarks>
/// Assumes the Core after all passes. Gives the variables that are evaluated before anything else
/// that can crash, trace, fault or run long, so that evaluating them earlier changes nothing.
///
/// A list of variables goes with whether it is complete: nothing else happens until the
/// expression has its value, so that the next expression counts too. Calls of the law itself are
/// assumed strict in everything at first, and each round takes back the assumptions that fail.
///
/// Example: <c>loop n acc = (if n (loop (dec n) (add acc n)) acc)</c> is strict in <c>n</c>, then
/// in <c>acc</c>.
/// </remarks>
internal sealed class StrictnessAnalysis
{
    private const int RoundsMax = 8;

    private readonly LawCode self;

    /// <summary>Variables that are evaluated before the visited expression.</summary>
    private readonly HashSet<int> evaluated = [];

    /// <summary>The strict arguments of the law itself, as far as they are known.</summary>
    private int[] own;

    /// <summary>Whether nothing is known yet of the law's calls of itself.</summary>
    private bool isFirst;

    private StrictnessAnalysis(LawCode self, int[] own)
    {
        this.self = self;
        this.own = own;
    }

    public static int[] Find(LawCode code, Core body)
    {
        var analysis = new StrictnessAnalysis(code, []) { isFirst = true };
        var found = analysis.Arguments(body);
        analysis.isFirst = false;
        for (var round = 0; round < RoundsMax; round++)
        {
            analysis.own = found;
            var next = analysis.Arguments(body);
            if (next.SequenceEqual(found))
                return found;
            found = next;
        }
        return [];
    }

    /// <summary>The variables that a part of the body evaluates first.</summary>
    public static List<int> Of(LawCode self, Core core) =>
        new StrictnessAnalysis(self, self.Facts?.StrictArgs ?? []).Visit(core).Variables;

    private int[] Arguments(Core body) =>
        [.. Visit(body).Variables.Where(id => id <= self.Arity)];

    /// <param name="IsAll">Whether nothing else happens after the variables.</param>
    /// <param name="IsOpen">Whether the expression ends in a call of the law itself of which
    /// nothing is known yet.</param>
    private readonly record struct Found(List<int> Variables, bool IsAll, bool IsOpen = false);

    private static Found Nothing(bool isAll) => new([], isAll);

    private Found Visit(Core core)
    {
        if (!StackGuard.HasRoom)
            return Nothing(false);
        switch (core)
        {
            case Core.Const or Core.Build:
                return Nothing(true);
            case Core.Var variable:
                return evaluated.Contains(variable.Id)
                    ? Nothing(true)
                    : new([variable.Id], true);
            case Core.Let let:
                return VisitLet(let);
            case Core.LetRec rec:
                return Cut(Visit(rec.Body), id => rec.Bindings.Any(bound => bound.Id == id));
            case Core.Seq seq:
                return Then(Visit(seq.First), () => Visit(seq.Then));
            case Core.If choice:
                return Then(
                    Visit(choice.Condition), () => Common([choice.Then, choice.Else]));
            case Core.Switch choice:
                return Then(
                    Visit(choice.Index), () => Common([choice.Fallback, .. choice.Items]));
            case Core.Operation op:
                return VisitOp(op);
            case Core.JetCall jet:
                return End(VisitInOrder(jet.Args, jet.Jet.Force.Select(index => index - 1)));
            case Core.Apply apply:
                return End(Visit(apply.Function));
            case Core.Call call when call.Code == self && isFirst:
                return new([], false, IsOpen: true);
            default:
                var (code, args) = (((Core.Call)core).Code, ((Core.Call)core).Args);
                var strict = code == self ? own
                    : code.Source is null ? OpcodeStrictArgs(code)
                    : LawFacts.Of(code).StrictArgs;
                return End(VisitInOrder(args, strict.Select(index => index - 1)));
        }
    }

    private static int[] OpcodeStrictArgs(LawCode code) =>
        code.Self is SmallNat { Word: Opcode.Reflect } ? [5] : [];

    private Found VisitLet(Core.Let let)
    {
        var body = Visit(let.Body);
        var at = body.Variables.IndexOf(let.Id);
        if (at < 0)
            return body;
        var before = new Found(body.Variables[..at], true);
        var rest = body with { Variables = body.Variables[(at + 1)..] };
        return Then(Then(before, () => Visit(let.Bound)), () => rest);
    }

    private Found VisitOp(Core.Operation op)
    {
        var order = op.Op.Order;
        if (op.Op.IsLate)
            return End(Visit(op.Args[order[0]]));
        var operands = VisitInOrder(op.Args, order);
        var isTotal = op.Op.IsTotal
            && (!op.Op.IsOrder || op.Args.Any(IsSurelyNat));
        return isTotal ? operands : End(operands);
    }

    /// <summary>A comparison with a nat takes constant time.</summary>
    private static bool IsSurelyNat(Core core) => core switch
    {
        Core.Const constant => constant.Value is Nat,
        Core.Operation op => op.Op.GivesNat,
        _ => false,
    };

    private Found VisitInOrder(Core[] args, IEnumerable<int> order)
    {
        var all = Nothing(true);
        foreach (var index in order)
        {
            if (!all.IsAll)
                break;
            all = Then(all, () => Visit(args[index]));
        }
        return all;
    }

    private static Found End(Found found) => found with { IsAll = false };

    private Found Then(Found first, Func<Found> next)
    {
        if (!first.IsAll)
            return first;
        var added = first.Variables.Where(evaluated.Add).ToArray();
        var rest = next();
        evaluated.ExceptWith(added);
        return new(
            [.. first.Variables, .. rest.Variables.Where(id => !first.Variables.Contains(id))],
            rest.IsAll, rest.IsOpen);
    }

    private static Found Cut(Found found, Func<int, bool> isBound)
    {
        var at = found.Variables.FindIndex(id => isBound(id));
        return at < 0 ? found : new(found.Variables[..at], false);
    }

    /// <summary>The variables that all branches evaluate first, in the same order.</summary>
    private Found Common(Core[] branches)
    {
        var found = Visit(branches[0]);
        foreach (var branch in branches.AsSpan(1))
            found = Common(found, Visit(branch));
        return found;
    }

    private static Found Common(Found a, Found b)
    {
        var same = 0;
        while (same < a.Variables.Count && same < b.Variables.Count
            && a.Variables[same] == b.Variables[same])
            same++;

        // An open call of the law itself is assumed to be as strict as the other branch.
        if (a.IsOpen && same == a.Variables.Count)
            return b;
        if (b.IsOpen && same == b.Variables.Count)
            return a;
        var isAll = a.IsAll && b.IsAll && same == a.Variables.Count && same == b.Variables.Count;
        return new(a.Variables[..same], isAll, a.IsOpen && b.IsOpen);
    }
}

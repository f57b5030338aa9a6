using Pallas.Values;

namespace Pallas.Eval;

/// <summary>What the compiler knows of a law before it compiles it.</summary>
internal sealed class LawFacts
{
    /// <summary>Of a law that is not looked into: nothing is known to be evaluated.</summary>
    public static readonly LawFacts None = new() { Demand = [] };

    /// <summary>Null where the law is not to be compiled.</summary>
    public Core? Body { get; init; }

    public int Size { get; init; }

    /// <summary>
    /// Arguments, counted from 1, that the law is sure to evaluate before anything else that can
    /// crash, trace, fail or take long, in the order in which it does.
    /// </summary>
    public required int[] Demand { get; init; }

    /// <summary>By argument, counted from 0: whether it is meant to be a number.</summary>
    public bool[] IsWord { get; init; } = [];

    /// <summary>Whether what it returns is meant to be a number.</summary>
    public bool ReturnsNat { get; init; }

    public bool HasWords => IsWord.Contains(true);

    /// <summary>Looks into a law; the answer is kept with it.</summary>
    public static LawFacts Of(LawCode code)
    {
        if (code.Facts is { } known)
            return known;
        if (code.Source is null)
            return None;

        // Who gets here again while the law is looked into learns nothing.
        code.Facts = None;
        return code.Facts = Find(code);
    }

    private static LawFacts Find(LawCode code)
    {
        if (TermReader.Read(code) is not var (body, size))
            return None;
        var words = WordUse.Find(code, body);
        return new LawFacts
        {
            Body = body,
            Size = size,
            Demand = DemandFinder.Find(code, body),
            IsWord = words,
            ReturnsNat = ReturnsNatAtEnd(code, body, words) == true,
        };
    }

    /// <summary>Null for what says nothing: a call of the law itself.</summary>
    private static bool? ReturnsNatAtEnd(LawCode code, Core term, bool[] words) => term switch
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

/// <summary>Finds the arguments that are meant to be numbers.</summary>
internal static class WordUse
{
    public static bool[] Find(LawCode code, Core body)
    {
        var words = new bool[code.Arity];
        while (Visit(code, body, words))
        {
        }
        return words;
    }

    /// <summary>Whether a variable of a law is used as numbers are: in an operation, in a call that
    /// takes a number there, or as the first item of a row, which may be a number without an
    /// object.</summary>
    public static bool IsNumber(LawMethods law, int id, Core body)
    {
        bool IsIt(Core term) => term is Core.Var variable && variable.Id == id;
        var todo = new Stack<Core>([body]);
        while (todo.TryPop(out var next))
        {
            var isUse = next switch
            {
                Core.Operation op => (op.Op.TakesNats || op.Op.IsOrder) && op.Args.Any(IsIt),
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

    /// <returns>Whether more was found.</returns>
    private static bool Visit(LawCode code, Core term, bool[] words)
    {
        var isMore = false;
        void Note(Core use)
        {
            if (use is not Core.Var variable || variable.Id > words.Length)
                return;
            isMore |= !words[variable.Id - 1];
            words[variable.Id - 1] = true;
        }
        var todo = new Stack<Core>([term]);
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

    private static bool IsNat(Core term, bool[] words) => term switch
    {
        Core.Const constant => constant.Value is SmallNat,
        Core.Operation op => op.Op.GivesNat,
        Core.Var variable => variable.Id <= words.Length && words[variable.Id - 1],
        _ => false,
    };
}

/// <summary>
/// Finds what a term is sure to evaluate first: see <see cref="LawFacts.Demand"/>.
/// </summary>
/// <remarks>
/// A list of variables goes with whether that is all: nothing but values comes of the term once
/// they are evaluated, so that what comes after the term counts, too. Recursive calls begin with
/// the assumption that everything is demanded, and each round takes back what does not hold.
/// </remarks>
internal sealed class DemandFinder
{
    private const int RoundsMax = 8;

    private readonly LawCode self;

    /// <summary>Variables that are evaluated already where the visit stands.</summary>
    private readonly HashSet<int> evaluated = [];
    private int[] own;

    /// <summary>Whether nothing is known yet of the law's calls of itself.</summary>
    private bool isFirst;

    private DemandFinder(LawCode self, int[] own)
    {
        this.self = self;
        this.own = own;
    }

    public static int[] Find(LawCode code, Core body)
    {
        var finder = new DemandFinder(code, []) { isFirst = true };
        var found = finder.Params(body);
        finder.isFirst = false;
        for (var round = 0; round < RoundsMax; round++)
        {
            finder.own = found;
            var next = finder.Params(body);
            if (next.SequenceEqual(found))
                return found;
            found = next;
        }
        return [];
    }

    /// <summary>What a term is sure to evaluate first, by variable.</summary>
    public static List<int> Of(LawCode self, Core term) =>
        new DemandFinder(self, self.Facts?.Demand ?? []).Visit(term).Demand;

    private int[] Params(Core body) =>
        [.. Visit(body).Demand.Where(id => id <= self.Arity)];

    /// <summary>A list of variables; whether that is all; whether it is a call of the law itself,
    /// which may demand anything.</summary>
    private readonly record struct Found(List<int> Demand, bool IsAll, bool IsOpen = false);

    private static Found Nothing(bool isAll) => new([], isAll);

    private Found Visit(Core term)
    {
        switch (term)
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
                var (code, args) = (Core.Call)term;
                var demand = code == self ? own
                    : code.Source is null ? OpcodeDemand(code)
                    : LawFacts.Of(code).Demand;
                return End(VisitInOrder(args, demand.Select(index => index - 1)));
        }
    }

    private static int[] OpcodeDemand(LawCode code) =>
        code.Self is SmallNat { Word: Opcode.Reflect } ? [5] : [];

    private Found VisitLet(Core.Let let)
    {
        var body = Visit(let.Body);
        var at = body.Demand.IndexOf(let.Id);
        if (at < 0)
            return body;
        var before = new Found(body.Demand[..at], true);
        var rest = body with { Demand = body.Demand[(at + 1)..] };
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

    /// <summary>Comparing a number with anything ends at once.</summary>
    private static bool IsSurelyNat(Core term) => term switch
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
        var added = first.Demand.Where(evaluated.Add).ToArray();
        var rest = next();
        evaluated.ExceptWith(added);
        return new(
            [.. first.Demand, .. rest.Demand.Where(id => !first.Demand.Contains(id))],
            rest.IsAll, rest.IsOpen);
    }

    private static Found Cut(Found found, Func<int, bool> isBound)
    {
        var at = found.Demand.FindIndex(id => isBound(id));
        return at < 0 ? found : new(found.Demand[..at], false);
    }

    /// <summary>What all branches begin with.</summary>
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
        while (same < a.Demand.Count && same < b.Demand.Count && a.Demand[same] == b.Demand[same])
            same++;

        // A call of the law itself that is still open goes along with the other branch.
        if (a.IsOpen && same == a.Demand.Count)
            return b;
        if (b.IsOpen && same == b.Demand.Count)
            return a;
        var isAll = a.IsAll && b.IsAll && same == a.Demand.Count && same == b.Demand.Count;
        return new(a.Demand[..same], isAll, a.IsOpen && b.IsOpen);
    }
}

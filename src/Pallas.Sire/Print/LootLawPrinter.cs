using System.Collections.Immutable;
using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire.Print;

/// <summary>The names that variables of an inner law avoid: those in the laws around it.</summary>
/// <param name="VariableCount">The number of <see cref="LootNames.Variable"/> names that are taken.
/// </param>
internal sealed record LootScope(int VariableCount, ImmutableHashSet<Nat> Names)
{
    public static readonly LootScope Outermost = new(0, []);
}

/// <summary>
/// Lays out laws: a signature and the body as code. <c>(f a b ? body)</c> has a name or refers to
/// itself, <c>(a &amp; body)</c> does neither; <c>(a @ x)k</c> is a let, <c>!x</c> a constant, and
/// <c>:x</c> an application that resembles code but is none.
/// </summary>
internal sealed class LootLawPrinter(LootClosure closure)
{
    /// <summary>Variables past this one are not named.</summary>
    private const int VariablesMax = 1 << 24;

    /// <summary>A call of less width has the plain layout.</summary>
    private const int PlainCallMax = 40;

    /// <summary>In a wider call, last arguments of less width come first.</summary>
    private const int SmallArgMax = 10;

    public LootBox Box(LootPrinter printer, LootTree.Function law, LootScope scope)
    {
        var frame = new Frame(closure, law, law.Name, scope);
        var body = Body(printer, frame, law.Body, frame.LastArg);
        var args = ArgBoxes(frame, law);
        if (!frame.IsAnonymous)
        {
            var head = Signature([LootLeaf.NameBox(law.Name), .. args]);
            return Node("?", NodeShape.Infix, head, body);
        }
        return args.Length == 1
            ? Node("&", IsSimple(frame, law.Body) ? NodeShape.Shut : NodeShape.Infix, args[0], body)
            : Node("&", NodeShape.Infix, Signature(args), body);
    }

    /// <summary>Head <c>(name a b)</c> and body of a law that a pin holds. A name other than the
    /// law's own is shown as <c>name@own</c>.</summary>
    public (RexTree Head, RexTree Body) Definition(
        LootPrinter printer, Nat name, LootTree.Function law)
    {
        var frame = new Frame(closure, law, name, LootScope.Outermost);
        var shown = frame.IsAnonymous ? Nat.Zero : name;
        var key = LootLeaf.KeyTree(shown);
        if (!frame.IsAnonymous && !name.Equals(law.Name))
            key = new RexNode(NodeShape.Shut, "@", [key, LootLeaf.KeyTree(law.Name)]);
        var args = ArgBoxes(frame, law).Select(box => box.Wide);
        var head = new RexNode(NodeShape.Nest, "|", [key, .. args]);
        return (head, Body(printer, frame, law.Body, frame.LastArg).Tree);
    }

    private static LootBox[] ArgBoxes(Frame frame, LootTree.Function law)
    {
        var shown = Enumerable.Range(1, law.ArgsShown).Select(frame.NameBox);
        return Nat.Of((ulong)law.ArgsShown).Equals(law.ArgCount)
            ? [.. shown]
            : [.. shown, LootPrinter.EllipsisBox];
    }

    private static LootBox Signature(LootBox[] parts) => LootBox.Of(
        parts,
        parts.Length + 1,
        () => LootPrinter.Wide(NodeShape.Nest, "|", parts),
        new RexNode(NodeShape.Open, "|", [.. parts.Select(part => part.Tree)]));

    private static LootBox Node(string rune, NodeShape shape, LootBox head, LootBox body) =>
        LootBox.Of(
            [head, body],
            shape == NodeShape.Shut ? rune.Length : rune.Length + 4,
            () => LootPrinter.Wide(shape, rune, [head, body]),
            new RexNode(NodeShape.Open, rune, [head.Tree], body.Tree));

    private static bool IsSimple(Frame frame, LootTree body) =>
        Code.Read(body, frame.LastArg) switch
        {
            { Kind: CodeKind.Variable } => true,
            { Kind: CodeKind.Constant, First: LootTree.Number { Nat: SmallNat small } } =>
                small.Word <= frame.LastArg,
            { Kind: CodeKind.Other, First: LootTree.Number or LootTree.Maker } => true,
            _ => false,
        };

    /// <param name="last">The number of the last variable that is bound here.</param>
    private LootBox Body(LootPrinter printer, Frame frame, LootTree tree, ulong last)
    {
        if (!StackGuard.HasRoom)
            return StackGuard.OnFreshStack(() => Body(printer, frame, tree, last));
        var code = Code.Read(tree, last);
        switch (code.Kind)
        {
            case CodeKind.Variable:
                return frame.NameBox(code.Variable);
            case CodeKind.Call:
                return Call(CallParts(printer, frame, code, last));
            case CodeKind.Let:
                return Let(
                    frame.NameBox(last + 1),
                    Body(printer, frame, code.First, last + 1),
                    Body(printer, frame, code.Second!, last + 1));
            case CodeKind.Constant:
                return code.First switch
                {
                    LootTree.Apply apply =>
                        LootPrinter.ShutInfix("!", printer.Box(apply, frame.Inner).Parts),
                    LootTree.Number { Nat: SmallNat small } number when small.Word <= last =>
                        LootLeaf.NumberBox(number.Nat),
                    _ => LootPrinter.Prefix("!", printer.Box(code.First, frame.Inner)),
                };
            default:
                return tree is LootTree.Apply other
                    ? LootPrinter.ShutInfix(":", printer.Box(other, frame.Inner).Parts)
                    : printer.Box(tree, frame.Inner);
        }
    }

    /// <summary>The boxes of a called function and its arguments.</summary>
    private List<LootBox> CallParts(LootPrinter printer, Frame frame, Code code, ulong last)
    {
        var parts = new List<LootBox>();
        var function = code.First;
        for (; code.Kind == CodeKind.Call; code = Code.Read(function, last))
        {
            parts.Add(Body(printer, frame, code.Second!, last));
            function = code.First;
        }
        parts.Add(Body(printer, frame, function, last));
        parts.Reverse();
        return parts;
    }

    /// <summary>A call. The tall layout of a wide call that ends in small arguments shows those
    /// first: <c>^ x y</c>, and below it the rest.</summary>
    private static LootBox Call(List<LootBox> parts)
    {
        var box = LootPrinter.Applied(parts);
        if (LootBox.WidthOf(parts) is not (>= PlainCallMax))
            return box;
        var start = parts.Count;
        while (start > 0 && parts[start - 1].Width < SmallArgMax)
            start--;
        if (start == 0 || start == parts.Count)
            return box;
        var rest = LootPrinter.Applied(parts[..start]);
        var args = parts[start..].Select(part => part.Tree);
        return box.WithTall(new RexNode(NodeShape.Open, "^", [.. args], rest.Tree));
    }

    private static LootBox Let(LootBox name, LootBox value, LootBox body) => LootBox.Of(
        [name, value, body],
        5,
        () => new RexNode(NodeShape.Infix, "@", [name.Wide, value.Wide], body.Wide),
        new RexNode(NodeShape.Open, "@", [name.Tree, value.Tree], body.OpenTree));

    private enum CodeKind { Variable, Call, Let, Constant, Other }

    /// <summary>One level of a law's body, as <see cref="LawCodes"/> describes it.</summary>
    private readonly record struct Code(CodeKind Kind, LootTree First, LootTree? Second = null)
    {
        public ulong Variable => ((SmallNat)((LootTree.Number)First).Nat).Word;

        public static Code Read(LootTree tree, ulong last) => tree switch
        {
            LootTree.Number { Nat: SmallNat small } when small.Word <= last =>
                new(CodeKind.Variable, tree),
            LootTree.Apply { Parts: [LootTree.Number { Nat: SmallNat op }, ..] } apply =>
                (op.Word, apply.Parts) switch
                {
                    (LawCodes.CallTag, [_, var f, var x]) => new(CodeKind.Call, f, x),
                    (LawCodes.LetTag, [_, var v, var k]) => new(CodeKind.Let, v, k),
                    (LawCodes.QuoteTag, [_, var c]) => new(CodeKind.Constant, c),
                    _ => new(CodeKind.Other, tree),
                },
            _ => new(CodeKind.Other, tree),
        };
    }

    /// <summary>The names of the variables of a law. The law itself is variable 0, arguments count
    /// from 1, and the lets follow them.</summary>
    private sealed class Frame
    {
        private readonly LootClosure closure;
        private readonly RefSpan refs;
        private readonly LootScope outer;
        private readonly List<Nat> names;
        private int nextVariable;

        public Frame(LootClosure closure, LootTree.Function law, Nat self, LootScope outer)
        {
            (this.closure, refs, this.outer) = (closure, law.Refs, outer);
            names = [self];
            nextVariable = outer.VariableCount;
            LastArg = law.ArgCount is SmallNat { Word: < ulong.MaxValue / 2 } small
                ? small.Word
                : ulong.MaxValue / 2;
            var (isRecursive, last) = Scan(law.Body, LastArg);
            IsAnonymous = law.Name.IsZero && !isRecursive;
            Inner = new LootScope(
                (int)Math.Max((ulong)outer.VariableCount, Math.Min(last, VariablesMax)),
                outer.Names.Add(self));
        }

        public ulong LastArg { get; }

        public bool IsAnonymous { get; }

        /// <summary>The scope of laws within the body.</summary>
        public LootScope Inner { get; }

        public LootBox NameBox(int variable) => NameBox((ulong)variable);

        public LootBox NameBox(ulong variable)
        {
            if (variable > VariablesMax)
                return LootPrinter.EllipsisBox;
            while (names.Count <= (int)variable)
            {
                var name = LootNames.Variable(nextVariable++);
                if (!IsTaken(name))
                    names.Add(name);
            }
            return LootLeaf.NameBox(names[(int)variable]);
        }

        private bool IsTaken(Nat name) =>
            name.Equals(names[0]) || outer.Names.Contains(name) || closure.Occurs(name, refs);

        /// <summary>Whether code uses variable 0, and the last variable that it binds.</summary>
        private static (bool IsRecursive, ulong Last) Scan(LootTree tree, ulong last)
        {
            if (!StackGuard.HasRoom)
                return StackGuard.OnFreshStack(() => Scan(tree, last));
            var (isRecursive, highest) = (false, last);
            while (true)
            {
                var code = Code.Read(tree, last);
                if (code.Kind is not (CodeKind.Call or CodeKind.Let))
                    return (
                        isRecursive || code is { Kind: CodeKind.Variable, Variable: 0 }, highest);
                var isCall = code.Kind == CodeKind.Call;
                if (!isCall)
                    highest = Math.Max(highest, ++last);
                var (inner, rest) = isCall
                    ? (code.Second!, code.First)
                    : (code.First, code.Second!);
                var scanned = Scan(inner, last);
                isRecursive |= scanned.IsRecursive;
                highest = Math.Max(highest, scanned.Last);
                tree = rest;
            }
        }
    }
}

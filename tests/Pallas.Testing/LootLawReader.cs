using System.Collections.Immutable;
using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Testing;

/// <summary>Reads laws: a signature, and code, which becomes the value of the law's body.</summary>
internal static class LootLawReader
{
    /// <summary>The variables that names refer to in code.</summary>
    /// <param name="Last">The number of the last variable that is bound.</param>
    private sealed record Scope(ImmutableDictionary<Nat, ulong> Variables, ulong Last)
    {
        public Scope Bind(Nat name) => new(Variables.SetItem(name, Last + 1), Last + 1);
    }

    /// <summary>Reads <c>(f a b ? body)</c> or <c>(a b &amp; body)</c>.</summary>
    /// <exception cref="LootFailure">The tree is no law.</exception>
    public static Value Law(LootTreeReader reader, RexNode node)
    {
        if (LootTreeReader.Kids(node) is not [var head, var body])
            throw new LootFailure(node, "a law has a signature and a body");
        var parts = head is RexNode { Rune: "|" } signature
            ? LootTreeReader.Kids(signature)
            : [head];
        var names = node.Rune == "&" ? 0 : 1;
        if (parts.Count <= names)
            throw new LootFailure(head, "a law takes at least one argument", "write (f a ? body)");
        if (names == 0)
            return Law(reader, null, Nat.Zero, parts, body);
        var (name, tag) = Names(parts[0]);
        return Law(reader, name, tag, parts[1..], body);
    }

    /// <param name="self">The name of the law in its body, or null.</param>
    /// <param name="tag">The name that the law gets.</param>
    public static Value Law(
        LootTreeReader reader, Nat? self, Nat tag, IReadOnlyList<RexTree> args, RexTree body)
    {
        var variables = ImmutableDictionary<Nat, ulong>.Empty;
        if (self is not null)
            variables = variables.SetItem(self, 0);
        var scope = new Scope(variables, 0);
        foreach (var arg in args)
            scope = scope.Bind(LootKey.Read(arg));
        return Pallas.Values.Law.Make(tag, Nat.Of((ulong)args.Count), Code(reader, scope, body));
    }

    /// <summary>Reads <c>foo</c> or <c>foo@tag</c>: a name, and the name in the law itself.
    /// </summary>
    public static (Nat Name, Nat Tag) Names(RexTree tree)
    {
        if (tree is RexNode { Rune: "@", Sons: [var left, var right], Heir: null })
            return (LootKey.Read(left), LootKey.Read(right));
        var name = LootKey.Read(tree);
        return (name, name);
    }

    private static Value Code(LootTreeReader reader, Scope scope, RexTree tree)
    {
        if (!StackGuard.HasRoom)
            return StackGuard.OnFreshStack(() => Code(reader, scope, tree));
        tree = Straightened(tree);
        switch (tree)
        {
            case RexLeaf { Shape: LeafShape.Word, Heir: null } word
                when !char.IsAsciiDigit(word.Text[0])
                    && scope.Variables.TryGetValue(Nat.OfText(word.Text), out var variable):
                return Nat.Of(variable);
            case RexNode { Rune: "." } name
                when scope.Variables.TryGetValue(LootKey.Read(name), out var variable):
                return Nat.Of(variable);
            case RexNode { Rune: "|" or "-" } call:
                return Call(reader, scope, LootTreeReader.Kids(call), call);
            case RexNode { Rune: "^", Heir: { } function } call:
                return Call(reader, scope, [function, .. call.Sons], call);
            case RexNode { Rune: "@" } let:
                return Let(reader, scope, let);
            case RexNode { Rune: "!" } constant:
                return LawCodes.Quote(reader.Apply(Chained(constant), constant));
            case RexNode { Rune: ":" } raw:
                return reader.Apply(Chained(raw), raw);
            default:
                return LawCodes.Constant(reader.Value(tree), scope.Last);
        }
    }

    private static Value Call(
        LootTreeReader reader, Scope scope, IReadOnlyList<RexTree> parts, RexTree at)
    {
        if (parts.Count == 0)
            throw new LootFailure(at, "expected a function to call");
        var code = Code(reader, scope, parts[0]);
        foreach (var part in parts.Skip(1))
            code = LawCodes.Call(code, Code(reader, scope, part));
        return code;
    }

    private static Value Let(LootTreeReader reader, Scope scope, RexNode let)
    {
        if (LootTreeReader.Kids(let) is not [var name, var value, var body])
            throw new LootFailure(let, "a let has a name, a value and a body", "(a @ value)body");
        var inner = scope.Bind(LootKey.Read(name));
        return LawCodes.Let(Code(reader, inner, value), Code(reader, inner, body));
    }

    /// <summary>The sons of a node and of its heirs of the same rune.</summary>
    private static List<RexTree> Chained(RexNode node) =>
        [.. LootTreeReader.Links(node).SelectMany(link => link.Sons)];

    /// <summary>A let prints as <c>(a @ v)k</c>. If k is <c>f-x</c>, the text reads as <c>-</c> of
    /// <c>(a @ v)f</c> and <c>x</c>. This moves the rest of the tight form into the body of the
    /// let.</summary>
    public static RexTree Straightened(RexTree tree)
    {
        if (tree is not RexNode { Shape: NodeShape.Shut } shut)
            return tree;
        for (var i = 0; i < shut.Sons.Count - 1; i++)
        {
            if (Extended(shut.Sons[i], shut.Rune, shut.Sons.Skip(i + 1)) is { } son)
                return i == 0 ? son : Tight(shut.Rune, [.. shut.Sons.Take(i), son], shut.Span);
        }
        return tree;
    }

    /// <summary>The tree with more parts at the end of its last let; null if it does not end in a
    /// let.</summary>
    private static RexTree? Extended(RexTree tree, string rune, IEnumerable<RexTree> more)
    {
        var outer = new Stack<RexNode>();
        while (tree is RexNode { Shape: NodeShape.Shut, Sons.Count: > 0 } shut)
        {
            outer.Push(shut);
            tree = shut.Sons[^1];
        }
        var lets = new Stack<RexNode>();
        while (tree is RexNode { Rune: "@", Shape: NodeShape.Infix, Heir: { } heir } let)
        {
            lets.Push(let);
            tree = heir;
        }
        if (lets.Count == 0)
            return null;
        tree = Tight(rune, [tree, .. more], tree.Span);
        while (lets.TryPop(out var let))
            tree = let.WithHeir(tree);
        while (outer.TryPop(out var shut))
            tree = Tight(shut.Rune, [.. shut.Sons.SkipLast(1), tree], shut.Span);
        return tree;
    }

    private static RexNode Tight(string rune, List<RexTree> sons, Span span) =>
        new(NodeShape.Shut, rune, sons, null, span);
}

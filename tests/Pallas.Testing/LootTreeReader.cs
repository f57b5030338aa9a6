using System.Globalization;
using System.Numerics;
using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Testing;

/// <summary>Reads values from Rex trees. It remembers the names that were defined so far.</summary>
internal sealed class LootTreeReader(Func<Nat, Value?> find)
{
    private readonly Dictionary<Nat, Value> defined = [];

    /// <summary>Reads the definition of <c>foo</c> as a value, of <c>(| foo)</c> as a pin, or of
    /// <c>(foo a b)</c> as a pin of a law.</summary>
    /// <exception cref="LootFailure">The trees are no definition.</exception>
    public Value Define(RexTree head, RexTree body)
    {
        if (head is not RexNode { Rune: "|" } signature)
            return defined[LootKey.Read(head)] = Value(body);
        var parts = Kids(signature);
        if (parts.Count == 0)
            throw new LootFailure(head, "expected a name to define", "write it like foo=5");
        var (name, tag) = LootLawReader.Names(parts[0]);
        var item = parts.Count == 1
            ? Value(body)
            : LootLawReader.Law(this, name, tag, parts[1..], body);
        return defined[name] = Pin.Make(item);
    }

    /// <summary>The value of a name.</summary>
    /// <exception cref="LootFailure">The name is not defined.</exception>
    public Value Find(Nat name, RexTree at) =>
        defined.TryGetValue(name, out var value) ? value : find(name)
            ?? throw new LootFailure(
                at, $"{name.ToText() ?? name.ToDecimal()} is not defined",
                "pins are printed by name; add a definition that shows the content of the pin");

    /// <summary>The sons, then the heir.</summary>
    public static List<RexTree> Kids(RexNode node) =>
        node.Heir is { } heir ? [.. node.Sons, heir] : [.. node.Sons];

    /// <exception cref="LootFailure">The tree is no value.</exception>
    public Value Value(RexTree tree)
    {
        if (!StackGuard.HasRoom)
            return StackGuard.OnFreshStack(() => Value(tree));
        return tree switch
        {
            RexLeaf { Shape: LeafShape.Word } word => Word(word),
            RexLeaf leaf => Nat.OfText(Lines(leaf)),
            RexNode node => Node(node),
            _ => throw new LootFailure(tree, "an embedded value is not loot"),
        };
    }

    /// <summary>A head and its arguments.</summary>
    public Value Apply(IReadOnlyList<RexTree> parts, RexTree at)
    {
        if (parts.Count == 0)
            throw new LootFailure(at, "expected a head and its arguments");
        var head = Value(parts[0]);
        if (parts.Count == 1)
            return head;
        var args = parts.Skip(1).Select(Value).ToArray();
        if (args.Length >= head.Arity)
            throw new LootFailure(
                at, $"a call with all of its {args.Length} arguments is not a value",
                "reading evaluates nothing: write the result");
        return App.Make(head, args);
    }

    private Value Word(RexLeaf word)
    {
        if (word.Heir is not null)
            throw new LootFailure(word.Heir, "put a space between a word and the next form");
        if (char.IsAsciiDigit(word.Text[0]))
            return LootKey.Number(word);
        if (word.Text[0] == 'C' && word.Text.Length > 1 && word.Text.Skip(1).All(char.IsAsciiDigit))
        {
            var size = BigInteger.Parse(word.Text.AsSpan(1), CultureInfo.InvariantCulture);
            return Law.Make(Nat.Zero, Nat.Of(size + 1), Nat.Zero);
        }
        return Find(Nat.OfText(word.Text), word);
    }

    /// <summary>Consecutive texts are the lines of one text.</summary>
    private static string Lines(RexLeaf leaf)
    {
        List<string> lines = [leaf.Text];
        for (var next = leaf.Heir; next is not null; next = next.Heir)
        {
            if (next is not RexLeaf { Shape: LeafShape.Text or LeafShape.Line } line)
                throw new LootFailure(next, "put a space between a text and the next form");
            lines.Add(line.Text);
        }
        return string.Join('\n', lines);
    }

    private Value Node(RexNode node)
    {
        switch (node.Rune)
        {
            case "|" or "-":
                return Apply(Kids(node), node);
            case ",":
                return Bracketed(node);
            case "++":
                return Row.Of([.. Links(node).Select(link => Apply(link.Sons, link))]);
            case "%%":
                return Keys([.. Links(node).Select(link => OneSon(link))], node);
            case "##":
                return Pairs([.. Links(node).Select(Pair)], node);
            case "." when node is { Sons: [var name], Heir: null }:
                return Find(LootKey.Read(name), node);
            case "%" when node is { Sons: [RexLeaf { Shape: LeafShape.Word } word], Heir: null }:
                return Nat.OfText(word.Text);
            case "%" when node is { Sons: [RexNode { Rune: "," } keys], Heir: null }:
                return Keys(Kids(keys), node);
            case "#" when node is { Sons: [RexNode { Rune: ",", Sons.Count: 0 }], Heir: null }:
                return Tab.Empty;
            case "#" when Kids(node) is [RexLeaf { Text: "b" or "x" } kind, RexLeaf leaf]:
                return kind.Text == "b" ? Bar.OfText(Lines(leaf)) : Hex(leaf);
            case "?" or "&":
                return LootLawReader.Law(this, node);
            case "`":
                throw new LootFailure(node, "Rex as value cannot be read back");
            default:
                throw new LootFailure(node, $"the rune {node.Rune} does not make a value");
        }
    }

    /// <summary>A row; or a tab if any part of it is a pair.</summary>
    private Value Bracketed(RexNode node)
    {
        var kids = Kids(node);
        return kids.Any(kid => kid is RexNode { Rune: "=" })
            ? Pairs([.. kids.Select(WidePair)], node)
            : Row.Of([.. kids.Select(Value)]);
    }

    private (RexTree At, Value Key, Value Value) WidePair(RexTree tree) => tree switch
    {
        RexNode { Rune: "=", Sons: [var key, var value], Heir: null } =>
            (tree, Key(key), Value(value)),
        RexNode { Rune: "=", Sons: [var key], Heir: null } => (tree, Key(key), Named(key)),
        _ => throw new LootFailure(tree, "expected a key and a value of a tab", "write k=v"),
    };

    private (RexTree At, Value Key, Value Value) Pair(RexNode link)
    {
        if (link.Sons is not [RexNode { Rune: "=", Sons: [var key], Heir: null }, ..])
            throw new LootFailure(link, "expected a key and a value of a tab", "write ## =k v");
        return (link, Key(key), link.Sons.Count == 1
            ? Named(key)
            : Apply([.. link.Sons.Skip(1)], link));
    }

    private Value Named(RexTree key) => Find(LootKey.Read(key), key);

    /// <summary>Words and texts are keys; anything else is a value.</summary>
    private Value Key(RexTree tree) =>
        tree is RexLeaf { Shape: not LeafShape.Line, Heir: null }
            ? LootKey.Read(tree)
            : Value(tree);

    private Set Keys(List<RexTree> trees, RexTree at)
    {
        var keys = Set.Of(trees.Select(Key));
        if (keys.Count < trees.Count)
            throw new LootFailure(at, "the set has a key twice");
        return keys;
    }

    private static Tab Pairs((RexTree At, Value Key, Value Value)[] pairs, RexTree at)
    {
        Array.Sort(pairs, (a, b) => Order.Compare(a.Key, b.Key));
        var keys = Set.Of(pairs.Select(pair => pair.Key));
        if (keys.Count < pairs.Length)
            throw new LootFailure(at, "the tab has a key twice");
        return Tab.Of(keys, [.. pairs.Select(pair => pair.Value)]);
    }

    private static Bar Hex(RexLeaf leaf)
    {
        try
        {
            return Bar.Of(Convert.FromHexString(leaf.Text));
        }
        catch (FormatException)
        {
            throw new LootFailure(leaf, "expected pairs of hexadecimal digits");
        }
    }

    /// <summary>A node and its heirs of the same rune.</summary>
    public static List<RexNode> Links(RexNode first)
    {
        List<RexNode> links = [first];
        for (var next = first.Heir; next is not null; next = next.Heir)
        {
            if (next is not RexNode link || link.Rune != first.Rune)
                throw new LootFailure(next, $"only {first.Rune} can follow {first.Rune} here");
            links.Add(link);
        }
        return links;
    }

    private static RexTree OneSon(RexNode node) => node.Sons is [var son]
        ? son
        : throw new LootFailure(node, $"{node.Rune} takes one key");
}

/// <summary>Names and numbers in places that take no other value.</summary>
internal static class LootKey
{
    /// <exception cref="LootFailure">The tree is neither name, text nor number.</exception>
    public static Nat Read(RexTree tree) => tree switch
    {
        RexLeaf { Heir: null, Shape: LeafShape.Word } word when char.IsAsciiDigit(word.Text[0]) =>
            Number(word),
        RexLeaf { Heir: null } leaf => Nat.OfText(leaf.Text),
        RexNode { Rune: ".", Sons: [var name], Heir: null } => Read(name),
        RexNode { Rune: "%", Sons: [RexLeaf { Shape: LeafShape.Word } word], Heir: null } =>
            Nat.OfText(word.Text),
        _ => throw new LootFailure(tree, "expected a name"),
    };

    public static Nat Number(RexLeaf word) => word.Text.All(char.IsAsciiDigit)
        ? Nat.OfDecimal(word.Text)
        : throw new LootFailure(word, "expected digits only in a number");
}

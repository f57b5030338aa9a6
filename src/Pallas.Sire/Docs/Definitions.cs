using System.Globalization;
using Pallas.Rex;

namespace Pallas.Sire.Docs;

/// <summary>A name that a block of source binds.</summary>
/// <param name="Target">The other name of the same value, as in <c>add=_Add</c>.</param>
internal readonly record struct Definition(
    string Name, string Signature, int Line, string? Target = null, bool IsGenerated = false);

/// <summary>
/// The names that a block defines, found by notation alone, without evaluation. It covers the
/// notations of the library: definitions, records, datatypes, mutually recursive functions, names
/// of types.
/// </summary>
internal sealed class Definitions
{
    private const string MacroArguments = " st rex err ok)";

    private readonly RexBlock block;
    private readonly List<Definition> found = [];

    private Definitions(RexBlock block) => this.block = block;

    public static IReadOnlyList<Definition> Of(RexBlock block)
    {
        var definitions = new Definitions(block);
        for (var tree = block.Tree as RexNode; tree is not null; tree = tree.Heir as RexNode)
        {
            switch (tree.Rune)
            {
                case "=" or "#=":
                    definitions.AddChain(tree);
                    return definitions.found;
                case "*" when tree.Sons is [RexNode { Rune: "#" } inner]:
                    definitions.AddNamed(inner);
                    break;
                case "#":
                    definitions.AddNamed(tree);
                    return definitions.found;
                default:
                    return definitions.found;
            }
        }
        return definitions.found;
    }

    private void AddChain(RexNode? first)
    {
        for (var tree = first; tree?.Rune is "=" or "#="; tree = tree.Heir as RexNode)
        {
            var kids = tree.Heir is RexNode { Rune: "=" or "#=" } ? [.. tree.Sons] : KidsOf(tree);
            if (kids.Count >= 2)
                AddDefinition(kids[^2], kids[^1]);
        }
    }

    private void AddDefinition(RexTree signature, RexTree value)
    {
        if (NameOf(signature) is { } name)
            Add(name, name, signature, NameOf(Unwrap(value)));
        else if (signature is RexNode { Rune: "|" } call && HeadOf(call) is { } function)
            Add(function, SignatureOf(function, call), signature, null);
        else
            foreach (var leaf in Words(signature))
                Add(leaf.Text, leaf.Text, leaf, null);
    }

    private void AddNamed(RexNode tree)
    {
        var kids = KidsOf(tree);
        if (kids.Count < 2 || kids[0] is not RexLeaf kind)
            return;
        switch (kind.Text)
        {
            case "record" when kids is [_, var type, RexNode constructor]:
                AddRecord(type, constructor);
                break;
            case "datatype" when kids is [_, var type, RexNode branches]:
                AddType(type);
                for (var branch = branches; branch is not null; branch = branch.Heir as RexNode)
                    AddConstructor(branch, branch.Sons);
                break;
            case "mutual" when kids is [_, var core, RexNode arms]:
                Add(NameOf(core) ?? "", NameOf(core) ?? "", core, null, isGenerated: true);
                AddChain(arms);
                break;
            case "abstype" or "typedef":
                AddType(kids[1]);
                break;
        }
    }

    private void AddRecord(RexTree type, RexNode constructor)
    {
        var name = constructor.Sons.Count > 0 ? NameOf(constructor.Sons[0]) : null;
        AddType(type, besides: name);
        var sons = KidsOf(constructor);
        foreach (var field in AddConstructor(constructor, sons))
        {
            var capital = char.ToUpper(field[0], CultureInfo.InvariantCulture) + field[1..];
            AddGenerated($"get{capital}", "x", constructor);
            AddGenerated($"set{capital}", "v x", constructor);
            AddGenerated($"mod{capital}", "f x", constructor);
        }
    }

    private void AddGenerated(string name, string arguments, RexTree at) =>
        Add(name, $"({name} {arguments})", at, null, isGenerated: true);

    /// <returns>The names of the fields.</returns>
    private List<string> AddConstructor(RexNode at, IReadOnlyList<RexTree> sons)
    {
        List<string> fields = [];
        if (sons.Count == 0)
            return fields;
        foreach (var son in sons.Skip(1))
            for (var field = son as RexNode; field is not null; field = field.Heir as RexNode)
                if (field.Sons.Count > 0 && FieldOf(field) is { } name)
                    fields.Add(name);
        var head = sons[0] is RexNode { Rune: "=", Sons: [var first, ..] } ? first : sons[0];
        if (NameOf(head) is { } constructor)
            Add(
                constructor,
                fields.Count == 0 ? constructor : $"({constructor} {string.Join(' ', fields)})",
                at, null);
        return fields;
    }

    /// <summary>The name in <c>name:type</c>, or in a line <c>* name : type</c>.</summary>
    private static string? FieldOf(RexNode field) => field switch
    {
        { Rune: "*", Sons: [RexNode { Rune: ":", Sons: [var name, ..] }, ..] } => NameOf(name),
        { Rune: "*" or ":", Sons: [var name, ..] } => NameOf(name),
        _ => null,
    };

    private void AddType(RexTree type, string? besides = null)
    {
        var name = NameOf(type)
            ?? (type is RexNode { Rune: "|", Sons: [var head, ..] } ? NameOf(head) : null);
        if (name is not null && name != besides)
            Add(name, SliceOf(type), type, null);
    }

    private void Add(
        string name, string signature, RexTree at, string? target, bool isGenerated = false) =>
        found.Add(new Definition(name, signature, at.Span.Line, target, isGenerated));

    /// <summary>The signature of a function; for the macro of a rune, the rune.</summary>
    private string SignatureOf(string name, RexNode call)
    {
        var text = SliceOf(call).Replace("(**", "(", StringComparison.Ordinal);
        var isMacro = text.EndsWith(MacroArguments, StringComparison.Ordinal);
        return isMacro && !char.IsAsciiLetter(name[0]) ? name : text;
    }

    private string SliceOf(RexTree tree)
    {
        var span = tree.Span;
        var line = block.Lines[span.Line - block.Line];
        return span.EndLine == span.Line
            ? line[(span.Column - 1)..(span.EndColumn - 1)]
            : line[(span.Column - 1)..];
    }

    private static string? HeadOf(RexNode call) => call.Sons switch
    {
        [RexNode { Rune: "**", Sons: [var marked] }, ..] => NameOf(marked),
        [var name, ..] => NameOf(name),
        _ => null,
    };

    /// <summary>The name in a word, a text, or <c>.{text}</c>.</summary>
    private static string? NameOf(RexTree tree) => tree switch
    {
        RexLeaf { Heir: null, Shape: LeafShape.Word } word
            when !char.IsAsciiDigit(word.Text[0]) => word.Text,
        RexLeaf { Heir: null, Shape: LeafShape.Text } text => text.Text,
        RexNode { Heir: null, Rune: ".", Sons: [RexLeaf leaf] } => leaf.Text,
        _ => null,
    };

    private static RexTree Unwrap(RexTree tree) =>
        tree is RexNode { Heir: null, Rune: "|", Sons: [var only] } ? only : tree;

    private static List<RexTree> KidsOf(RexNode tree) =>
        tree.Heir is { } heir ? [.. tree.Sons, heir] : [.. tree.Sons];

    /// <summary>The words of a pattern, from left to right.</summary>
    private static IEnumerable<RexLeaf> Words(RexTree pattern)
    {
        var waiting = new Stack<RexTree>([pattern]);
        while (waiting.TryPop(out var tree))
        {
            if (tree is RexLeaf { Shape: LeafShape.Word } leaf && leaf.Text != "_")
                yield return leaf;
            if (tree.Heir is { } heir)
                waiting.Push(heir);
            if (tree is RexNode node)
                foreach (var son in node.Sons.Reverse())
                    waiting.Push(son);
        }
    }
}

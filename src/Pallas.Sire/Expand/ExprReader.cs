using System.Collections.Frozen;
using System.Text;
using Pallas.Rex;
using Pallas.Sire.Errors;
using Pallas.Sire.Lower;
using Pallas.Sire.Print;
using Pallas.Values;

namespace Pallas.Sire.Expand;

/// <summary>Forms to expressions: calls macros, resolves names, knows expression runes.</summary>
internal sealed class ExprReader(Expander expander)
{
    private delegate Expr RuneReader(ExprReader reader, Names? env, Form form);

    // Each rune has a second name with # before it, which stays when a macro takes the first.
    private static readonly FrozenDictionary<string, RuneReader> Runes =
        new (string Rune, RuneReader Read)[]
        {
            ("|", (reader, env, form) => reader.ReadCall(env, form)),
            ("-", (reader, env, form) => reader.ReadCall(env, form)),
            ("**", (reader, env, form) => reader.ReadInlined(env, form)),
            ("@", (reader, env, form) => reader.ReadLet(env, form)),
            ("@@", (reader, env, form) => reader.ReadLetRec(env, form)),
            ("^", (reader, env, form) => reader.ReadHole(env, form)),
            ("&", (reader, env, form) => reader.ReadAnonymous(env, form)),
            ("?", (reader, env, form) => reader.ReadLambda(env, form, isPinned: false)),
            ("??", (reader, env, form) => reader.ReadLambda(env, form, isPinned: true)),
            (".", (reader, env, form) => reader.ReadReference(env, form)),
        }
        .SelectMany(row => new[] { row, row with { Rune = "#" + row.Rune } })
        .ToFrozenDictionary(row => row.Rune, row => row.Read);

    private static readonly Nat Underscore = Nat.OfText("_");

    public static IEnumerable<string> RuneNames => Runes.Keys;

    public static bool IsExpressionRune(string rune) => Runes.ContainsKey(rune);

    /// <summary>The names bound around an expression, innermost first. No reference finds a null
    /// name.</summary>
    internal sealed record Names(Nat? Name, Names? Rest)
    {
        public static Names? Bind(IEnumerable<Nat?> names, Names? rest)
        {
            foreach (var name in names)
                rest = new Names(name, rest);
            return rest;
        }
    }

    public Expr Read(Names? env, Form form)
    {
        if (!StackGuard.HasRoom)
            return ReadDeeper(env, form);
        form = expander.ExpandAll(form);
        switch (form.Kind)
        {
            case FormKind.Embed:
                return new Constant(expander.Evaluator.Normalize(form.Embedded));
            case FormKind.Leaf:
                return form.LeafShape == LeafShape.Line ? ReadLines(form) : ReadLeaf(env, form);
            case FormKind.Node when Runes.TryGetValue(form.Text, out var read):
                return read(this, env, form);
            case FormKind.Node:
                throw NameErrors.Rune(expander.State, form);
            default:
                throw form.Failure(
                    SireErrorKind.Macro,
                    $"a macro returned a value that is no Rex: {Loot.Brief(form.Noun)}");
        }
    }

    private Expr ReadDeeper(Names? env, Form form) =>
        StackGuard.OnFreshStack(() => Read(env, form));

    public Nat ReadKey(Form form) => FormKey.Read(form)?.Nat ?? throw form.Failure(
        SireErrorKind.Form, "expected a name",
        "a name is a word, a string or a decimal number: foo, {foo bar}, 234");

    private Expr ReadLeaf(Names? env, Form leaf) => FormKey.Read(leaf) switch
    {
        null => Read(env, expander.ExpandLeaf(leaf)),
        { IsName: true } key => Resolve(env, leaf, key.Nat),
        { } key => new Constant(key.Nat),
    };

    private static Constant ReadLines(Form form)
    {
        var text = new StringBuilder(form.Text);
        for (var line = form.Heir; line is not null; line = line.Heir)
        {
            if (line.Kind != FormKind.Leaf || line.LeafShape != LeafShape.Line)
                throw line.Failure(
                    SireErrorKind.Form, "another form follows a text of lines",
                    "begin every line of the text with }");
            text.Append('\n').Append(line.Text);
        }
        return new Constant(Nat.OfText(text.ToString()));
    }

    private Expr Resolve(Names? env, Form form, Nat name)
    {
        var index = 0;
        for (var names = env; names is not null; names = names.Rest, index++)
            if (name.Equals(names.Name))
                return new Variable(index);
        return expander.Find(name) is { } binding
            ? new Global(binding)
            : throw NameErrors.Name(expander.State, env, form, name);
    }

    private Expr ReadReference(Names? env, Form form)
    {
        var kids = form.Kids;
        switch (kids.Count)
        {
            case 1:
                return Resolve(env, form, ReadKey(kids[0]));
            case 2:
                var (module, name) = (ReadKey(kids[0]), ReadKey(kids[1]));
                return expander.FindIn(module, name) is { } binding
                    ? new Global(binding)
                    : throw NameErrors.Qualified(expander.State, form, module, name);
            default:
                throw Wrong(form, "takes one or two names", "(. name) or (. module name)");
        }
    }

    private Expr ReadCall(Names? env, Form form)
    {
        var kids = form.Kids;
        if (kids.Count == 0)
            throw Wrong(form, "has no function to call", "(f x y)");
        var call = Read(env, kids[0]);
        for (var i = 1; i < kids.Count; i++)
            call = new Apply(call, Read(env, kids[i]));
        return call;
    }

    private Inlined ReadInlined(Names? env, Form form) => form.Kids is [var body]
        ? new Inlined(Read(env, body))
        : throw Wrong(form, "takes one expression", "**f");

    private Let ReadLet(Names? env, Form form)
    {
        if (form.Kids is not [var name, var value, var body])
            throw Wrong(form, "takes a name, a value and a body", "@ name value");
        var key = ReadKey(name);
        var bound = Read(env, value);
        return new Let(bound, Read(new Names(key, env), body));
    }

    private LetRec ReadLetRec(Names? env, Form form)
    {
        if (form.Kids is not [var first, var body])
            throw Wrong(form, "takes bindings and a body", "@@ = name value");
        List<(Nat Name, Form Value)> binds = [];
        for (var bind = first; bind is not null; bind = bind.Heir)
        {
            if (!bind.IsNode("=") || bind.Sons is not [var name, var value])
                throw Wrong(form, "takes bindings, each with = before it", "@@ = name value");
            binds.Add((ReadKey(name), value));
        }
        for (var i = binds.Count - 1; i >= 0; i--)
            env = new Names(binds[i].Name, env);
        var values = binds.ConvertAll(bind => Read(env, bind.Value));
        return new LetRec([.. values], Read(env, body));
    }

    /// <summary>The last son is the value of <c>_</c> in the call made of the others.</summary>
    private Let ReadHole(Names? env, Form form)
    {
        var kids = form.Kids;
        if (kids.Count < 2)
            throw Wrong(form, "takes a call and a value for _ in it", "^ f _ x");
        var value = Read(env, kids[^1]);
        var inner = new Names(Underscore, env);
        var call = Read(inner, kids[0]);
        for (var i = 1; i < kids.Count - 1; i++)
            call = new Apply(call, Read(inner, kids[i]));
        return new Let(value, call);
    }

    private Lambda ReadAnonymous(Names? env, Form form)
    {
        var kids = form.Kids;
        if (kids.Count is not (2 or 3))
            throw Wrong(form, "takes parameters and a body", "& (x y)");
        var tag = kids.Count == 3 ? ReadKey(kids[0]) : Nat.Zero;
        var signature = kids[^2];
        var parameters = signature.Kind switch
        {
            FormKind.Leaf => [signature],
            FormKind.Node when signature.Text == "|" => signature.Kids,
            _ => throw Wrong(signature, "is not a list of parameters", "(x y)"),
        };
        var names = parameters.Select(ReadKey).ToList();
        var inner = Names.Bind(names, new Names(null, env));
        var body = Read(inner, kids[^1]);
        return new Lambda(false, false, false, tag, names.Count, body);
    }

    private Lambda ReadLambda(Names? env, Form form, bool isPinned)
    {
        var kids = form.Kids;
        if (kids.Count is not (2 or 3))
            throw Wrong(form, "takes a signature and a body", "? (f x y)");
        var tag = kids.Count == 3 ? ReadKey(kids[0]) : null;
        var (isMarked, name, parameters) = ReadSignature(kids[^2]);
        return MakeLambda(
            env, new Signature(isMarked, name, parameters), kids[^1], tag ?? name, isPinned);
    }

    /// <summary>The name and parameters of a function.</summary>
    /// <param name="IsMarked">Whether calls of it are to be inlined.</param>
    public readonly record struct Signature(bool IsMarked, Nat Name, List<Nat> Parameters);

    public Lambda MakeLambda(
        Names? env, Signature signature, Form bodyForm, Nat tag, bool isPinned)
    {
        var (isMarked, name, parameters) = signature;
        var body = Read(Names.Bind(parameters, new Names(name, env)), bodyForm);
        var isRecursive = Scoping.HasReference(parameters.Count, body);
        return new Lambda(isPinned, isMarked, isRecursive, tag, parameters.Count, body);
    }

    private Signature ReadSignature(Form form)
    {
        if (form.Kind == FormKind.Leaf)
            return new Signature(false, ReadKey(form), []);
        var kids = form.IsNode("|") ? form.Kids : [];
        if (kids.Count == 0)
            throw Wrong(form, "is not a signature", "(f x y)");
        var head = kids[0];
        var isMarked = head.IsNode("**");
        if (isMarked)
            head = head.Kids is [var name]
                ? name
                : throw Wrong(head, "takes one name", "**f");
        return new Signature(isMarked, ReadKey(head), [.. kids.Skip(1).Select(ReadKey)]);
    }

    private static SireFailure Wrong(Form form, string what, string example) => form.Failure(
        SireErrorKind.Form,
        form.Kind == FormKind.Node ? $"{form.Text} {what}" : $"this {what}",
        $"write it like {example}");
}

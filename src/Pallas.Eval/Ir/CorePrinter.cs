using System.Text;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>The text form of Core, and the constants that it refers to by name.</summary>
internal sealed record CoreText(string Text, IReadOnlyDictionary<string, Value> Constants);

/// <summary>Prints Core; <see cref="CoreReader"/> reads it back.</summary>
/// <remarks>
/// <code>
/// self x1 x2 ..           the law itself, its arguments and its lets
/// 7 "text"                a nat
/// name                    another constant: the name of its law, or c1, c2, ..
/// (f x y)                 a call; the number of arguments says which form it is
/// [x y z]                 a row
/// let x3 = b; c           a let
/// rec x3 = b, x4 = c; d   lets that may refer to each other
/// (if c t e)              a branch without a jet; also inc, dec, bit and not
/// </code>
/// </remarks>
internal sealed class CorePrinter
{
    private const int WidthMax = 80;
    private const int FlatSizeMax = 40;
    private const int TextLengthMin = 3;

    /// <summary>Words that name no constant.</summary>
    public static readonly string[] Keywords =
        ["self", "let", "rec", "if", "inc", "dec", "bit", "not"];

    private readonly Dictionary<string, Value> constants = [];
    private readonly Dictionary<Value, string> nameOf = new(ReferenceEqualityComparer.Instance);
    private StringBuilder text = new();

    private CorePrinter()
    {
    }

    public static CoreText Print(Core core)
    {
        var printer = new CorePrinter();
        printer.Write(core, 0);
        return new CoreText(printer.text.ToString(), printer.constants);
    }

    /// <summary>Writes an expression on one line if it fits, and otherwise each part on a line.
    /// </summary>
    private void Write(Core core, int indent)
    {
        if (!StackGuard.HasRoom)
            WriteOnFreshStack(core, indent);
        else if (Flat(core) is { } line && indent + line.Length <= WidthMax)
            text.Append(line);
        else
            WriteLines(core, indent);
    }

    private void WriteOnFreshStack(Core core, int indent) =>
        StackGuard.OnFreshStack(() =>
        {
            Write(core, indent);
            return 0;
        });

    private string? Flat(Core core)
    {
        if (CoreQueries.SizeOf(core, FlatSizeMax) > FlatSizeMax)
            return null;
        var outer = text;
        text = new StringBuilder();
        WriteParts(core, () => text.Append(' '), WriteFlat);
        var line = text.ToString();
        text = outer;
        return line;
    }

    private void WriteFlat(Core core) => WriteParts(core, () => text.Append(' '), WriteFlat);

    private void WriteLines(Core core, int indent)
    {
        var isLet = core is Core.Let or Core.LetRec;
        var inner = isLet ? indent : indent + 2;
        WriteParts(
            core,
            () => text.Append('\n').Append(' ', inner),
            part => Write(
                part,
                isLet && !ReferenceEquals(part, core.Parts[^1]) ? indent + 4 : inner));
    }

    private void WriteParts(Core core, Action next, Action<Core> write)
    {
        switch (core)
        {
            case Core.Const constant:
                text.Append(NameOf(constant.Value));
                break;
            case Core.Var variable:
                text.Append(variable.Id == 0 ? "self" : $"x{variable.Id}");
                break;
            case Core.Let let:
                text.Append($"let x{let.Id} = ");
                WriteBound(let.Bound, write);
                text.Append(';');
                next();
                write(let.Body);
                break;
            case Core.LetRec rec:
                text.Append("rec ");
                foreach (var (id, bound) in rec.Bindings)
                {
                    text.Append($"x{id} = ");
                    WriteBound(bound, write);
                    text.Append(id == rec.Bindings[^1].Id ? ";" : ",");
                    next();
                }
                write(rec.Body);
                break;
            case var row when CoreQueries.BuiltRowItems(row) is { } items:
                WriteList('[', items, ']', next, write);
                break;
            default:
                var (head, args) = HeadOf(core);
                text.Append('(').Append(head);
                if (head.Length > 0)
                    next();
                WriteList(null, args, ')', next, write);
                break;
        }
    }

    private void WriteList(
        char? open, Core[] items, char close, Action next, Action<Core> write)
    {
        text.Append(open is { } bracket ? $"{bracket}" : "");
        for (var i = 0; i < items.Length; i++)
        {
            if (i > 0)
                next();
            WriteBound(items[i], write);
        }
        text.Append(close);
    }

    /// <summary>Writes an expression that ends where something else begins.</summary>
    private void WriteBound(Core core, Action<Core> write)
    {
        var isLet = core is Core.Let or Core.LetRec;
        text.Append(isLet ? "(" : "");
        write(core);
        text.Append(isLet ? ")" : "");
    }

    private (string Head, Core[] Args) HeadOf(Core core) => core switch
    {
        Core.If choice => (choice.Pin is null ? "if" : NameOf(choice.Pin), choice.Parts),
        Core.Seq seq => (NameOf(seq.Pin), seq.Parts),
        Core.Switch choice => (
            NameOf(choice.Pin),
            [choice.Index, choice.Fallback, CoreBuilder.Row(choice.Items)]),
        Core.Operation { Pin: { } pin } operation => (NameOf(pin), operation.Args),
        Core.Operation operation => (NameOf(operation.Op), operation.Args),
        Core.JetCall call => (NameOf(call.Pin), call.Args),
        _ => ("", core.Parts),
    };

    /// <summary>The keyword of an operation without a jet.</summary>
    public static string NameOf(Op op) => op.Name.TrimStart('_').ToLowerInvariant();

    // ---- Constants

    private string NameOf(Value value)
    {
        if (value is Nat nat)
        {
            return nat.ToText() is { Length: >= TextLengthMin } known && IsPlain(known)
                ? $"\"{known}\""
                : nat.ToDecimal();
        }
        if (nameOf.TryGetValue(value, out var name))
            return name;
        name = FreeName((value as Law ?? (value as Pin)?.Item as Law)?.Name.ToText());
        (nameOf[value], constants[name]) = (name, value);
        return name;
    }

    private string FreeName(string? wanted)
    {
        var isName = wanted is { Length: > 0 } && wanted.All(IsNameCharacter)
            && !char.IsDigit(wanted[0]) && !Keywords.Contains(wanted)
            && !(wanted[0] is 'x' or 'c' && wanted.Skip(1).All(char.IsDigit));
        if (isName && !constants.ContainsKey(wanted!))
            return wanted!;
        var number = 1;
        string Numbered() => isName ? $"{wanted}'{number + 1}" : $"c{number}";
        while (constants.ContainsKey(Numbered()))
            number++;
        return Numbered();
    }

    public static bool IsNameCharacter(char character) =>
        char.IsLetterOrDigit(character) || "_'.-+*/<>=!?&|^~@#$%:".Contains(character);

    private static bool IsPlain(string text) =>
        text.All(character => character is >= ' ' and <= '~' and not ('"' or '\\'));
}

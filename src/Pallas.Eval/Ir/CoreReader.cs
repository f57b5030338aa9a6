using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Reads the text form of Core; <see cref="CorePrinter"/> describes it.</summary>
/// <param name="build">Classifies the calls; its law is <c>self</c>.</param>
/// <param name="constants">The values of names.</param>
internal sealed class CoreReader(
    string text, CoreBuilder build, IReadOnlyDictionary<string, Value> constants)
{
    private static readonly Op[] Operations =
        [OpTable.Inc, OpTable.Dec, OpTable.Bit, OpTable.Not];

    private int at;

    /// <exception cref="FormatException">The text is not Core.</exception>
    public static Core Read(
        string text, CoreBuilder build, IReadOnlyDictionary<string, Value> constants)
    {
        var reader = new CoreReader(text, build, constants);
        var core = reader.ReadCore();
        reader.Skip();
        return reader.at == text.Length ? core : throw reader.Expected("the end of the text");
    }

    private Core ReadCore()
    {
        if (!StackGuard.HasRoom)
            return StackGuard.OnFreshStack(ReadCore);
        Skip();
        if (TryTake('('))
            return ReadCall();
        if (TryTake('['))
            return CoreBuilder.Row(ReadAll(']'));
        if (TryTake('"'))
        {
            var end = text.IndexOf('"', at);
            if (end < 0)
                throw Expected("a closing quote");
            var literal = text[at..end];
            at = end + 1;
            return new Core.Const(Nat.OfText(literal));
        }
        return TakeName() switch
        {
            "" => throw Expected("an expression"),
            "let" => ReadLet(),
            "rec" => ReadLetRec(),
            "self" => new Core.Var(0),
            var name => IdOf(name) is { } id ? new Core.Var(id) : new Core.Const(Constant(name)),
        };
    }

    private Core ReadCall()
    {
        Skip();
        var start = at;
        switch (TakeName())
        {
            case "if" when ReadAll(')') is [var condition, var then, var otherwise]:
                return new Core.If(null, condition, then, otherwise, IsZeroTest: false);
            case "if":
                throw Expected("three parts of a branch");
            case var name when Array.Find(Operations, op => CorePrinter.NameOf(op) == name)
                is { } op:
                return new Core.Operation(op, null, null, ReadAll(')'));
        }
        at = start;
        var parts = ReadAll(')');
        return parts.Length switch
        {
            0 => throw Expected("a function"),
            1 => parts[0],
            _ => build.Apply(parts[0], parts[1..]),
        };
    }

    private Core.Let ReadLet()
    {
        var id = ReadId();
        var bound = ReadCore();
        Take(';');
        return new Core.Let(id, bound, ReadCore());
    }

    private Core.LetRec ReadLetRec()
    {
        var bindings = new List<(int Id, Core Bound)>();
        do
            bindings.Add((ReadId(), ReadCore()));
        while (TryTake(','));
        Take(';');
        return new Core.LetRec([.. bindings], ReadCore());
    }

    private Core[] ReadAll(char close)
    {
        var parts = new List<Core>();
        while (!TryTake(close))
            parts.Add(ReadCore());
        return [.. parts];
    }

    /// <summary>The variable of a let, and the sign after it.</summary>
    private int ReadId()
    {
        Skip();
        var id = IdOf(TakeName()) ?? throw Expected("a variable");
        Take('=');
        return id;
    }

    private static int? IdOf(string name) =>
        name.Length > 1 && name[0] == 'x' && int.TryParse(name.AsSpan(1), out var id) ? id : null;

    private Value Constant(string name) =>
        constants.TryGetValue(name, out var value) ? value
            : name.All(char.IsAsciiDigit) ? Nat.OfDecimal(name)
            : throw Expected($"a name that is known, not {name}");

    // ---- Characters

    private string TakeName()
    {
        var start = at;
        while (at < text.Length && CorePrinter.IsNameCharacter(text[at]))
            at++;
        return text[start..at];
    }

    private void Take(char wanted)
    {
        if (!TryTake(wanted))
            throw Expected($"{wanted}");
    }

    private bool TryTake(char wanted)
    {
        Skip();
        if (at >= text.Length || text[at] != wanted)
            return false;
        at++;
        return true;
    }

    private void Skip()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
    }

    private FormatException Expected(string wanted) =>
        new($"expected {wanted} at character {at} of the Core text");
}

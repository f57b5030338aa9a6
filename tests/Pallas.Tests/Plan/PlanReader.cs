using System.Numerics;
using Pallas.Formats.Seeds;
using Pallas.Values;

namespace Pallas.Tests.Plan;

/// <summary>
/// Reads PLAN as golden files write it: <c>7</c>, <c>(f x y)</c>, <c>&lt;item&gt;</c>,
/// <c>{name arity body}</c>, and before the term any number of <c>s0 = term</c>, each a shared
/// subterm that later ones may name.
/// </summary>
public sealed class PlanReader
{
    private readonly string text;
    private readonly Func<Value, Value[], Value> apply;
    private readonly Dictionary<string, Value> shared = [];
    private int at;

    private PlanReader(string text, Func<Value, Value[], Value> apply)
    {
        this.text = text;
        this.apply = apply;
    }

    /// <param name="apply">
    /// Makes the value of an application: for programs a suspended evaluation, for values the
    /// closure, pin or law. A pin is an application of 4.
    /// </param>
    public static Value Read(string text, Func<Value, Value[], Value> apply) =>
        new PlanReader(text, apply).ReadAll();

    /// <summary>Reads a text whose applications need no evaluation.</summary>
    public static Value ReadValue(string text) => Read(text, (head, args) =>
        NormalForm.TryApply(head, args, out var value, out var error)
            ? value
            : throw new FormatException(error));

    private Value ReadAll()
    {
        while (true)
        {
            Skip();
            if (text[at] == 's' && text.IndexOf('=', at) is > 0 and var equals)
            {
                var name = text[at..equals].Trim();
                at = equals + 1;
                shared[name] = ReadTerm();
                continue;
            }

            var value = ReadTerm();
            Skip();
            return at == text.Length ? value : throw Bad("more text after the term");
        }
    }

    private Value ReadTerm()
    {
        Skip();
        if (at == text.Length)
            throw Bad("a term is missing");
        switch (text[at])
        {
            case '(':
                var terms = ReadMany(')');
                return apply(terms[0], terms.GetRange(1, terms.Count - 1).ToArray());
            case '<':
                return apply(4, [.. ReadMany('>')]);
            case '{':
                var parts = ReadMany('}');
                return Law.Make((Nat)parts[0], (Nat)parts[1], parts[2]);
            default:
                var start = at;
                while (at < text.Length && char.IsAsciiLetterOrDigit(text[at]))
                    at++;
                var word = text[start..at];
                if (word.Length == 0)
                    throw Bad("not a term");
                return word[0] == 's' ? shared[word] : Nat.Of(BigInteger.Parse(word));
        }
    }

    private List<Value> ReadMany(char close)
    {
        at++;
        var terms = new List<Value>();
        for (Skip(); at < text.Length && text[at] != close; Skip())
            terms.Add(ReadTerm());
        if (at == text.Length)
            throw Bad($"'{close}' is missing");
        at++;
        return terms;
    }

    private void Skip()
    {
        while (at < text.Length && text[at] == ' ')
            at++;
    }

    private FormatException Bad(string message) => new($"{message} at {at} of: {text}");
}

using System.Text.RegularExpressions;
using Pallas.Values;
using static Pallas.Tests.Plan.LawTerms;

namespace Pallas.Tests.Plan;

/// <summary>
/// Reads a law that is written as in a comment: <c>f n = if n (inc (f (dec n))) 7</c>. The first
/// word names the law itself. A number is a constant, and the opcode of that number when it is
/// applied. <c>@ x term</c> before the body binds a name; such names may refer to each other.
/// </summary>
internal sealed partial class LawText
{
    private static readonly Dictionary<string, Func<Value>> Words = new()
    {
        ["inc"] = () => 3,
        ["dec"] = () => Named("_Dec"),
        ["if"] = () => Named("_If"),
        ["add"] = () => Named("_Add"),
        ["trace"] = () => Named("_Trace"),
    };

    private readonly string[] tokens;
    private readonly List<string> variables = [];
    private readonly Dictionary<string, Value> given;
    private int at;

    private LawText(string text, Dictionary<string, Value> given)
    {
        tokens = [.. TokenPattern().Matches(text).Select(match => match.Value)];
        this.given = given;
    }

    /// <param name="given">Further names and what they mean.</param>
    public static Pin Read(string text, params (string Name, Value Value)[] given) =>
        new LawText(text, given.ToDictionary(one => one.Name, one => one.Value)).ReadLaw();

    private Pin ReadLaw()
    {
        for (; tokens[at] != "="; at++)
            variables.Add(tokens[at]);
        at++;
        var arity = (ulong)variables.Count - 1;
        for (var i = at; i < tokens.Length; i++)
        {
            if (tokens[i] == "@")
                variables.Add(tokens[i + 1]);
        }
        return MakeLaw(arity, ReadBody());
    }

    private Value ReadBody()
    {
        if (tokens[at] != "@")
            return ReadCall();
        at += 2;
        var bound = ReadTerm();
        return App.Make(1, bound, ReadBody());
    }

    private Value ReadCall()
    {
        var head = ReadTerm();
        List<Value> args = [];
        while (at < tokens.Length && tokens[at] != ")")
            args.Add(ReadTerm());
        return Call(head, [.. args]);
    }

    private Value ReadTerm()
    {
        var token = tokens[at++];
        if (token == "(")
        {
            var call = ReadCall();
            at++;
            return call;
        }
        if (variables.IndexOf(token) is var index and >= 0)
            return index;
        if (ulong.TryParse(token, out var number))
            return Quote(number);
        return Quote(given.TryGetValue(token, out var value) ? value : Words[token]());
    }

    [GeneratedRegex(@"[()@=]|[^\s()@=]+")]
    private static partial Regex TokenPattern();
}

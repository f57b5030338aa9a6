using System.Collections.Frozen;

namespace Pallas.Sire.Errors;

/// <summary>Hints for words and runes of other languages that nothing binds here: each names the
/// notation of Sire for it.</summary>
internal static class ForeignSyntaxHints
{
    private const string Comment = "a comment begins with ;";
    private const string Definition = "a definition is written = (name argument) body";
    private const string Has = "use has for rows, barHas for bars, tabHas for tabs";
    private const string Length =
        "use len for rows, barLen for bars, tabLen for tabs, strLen for texts";
    private const string Function = "a function is written (argument & body)";

    private static readonly FrozenDictionary<string, string> Hints =
        new Dictionary<string, string>
        {
            ["+"] = "use the function add: add a b",
            ["/"] = "use the function div: div a b",
            ["<"] = "use the function lth: lth a b",
            [">"] = "use the function gth: gth a b",
            ["<="] = "use the function lte: lte a b",
            [">="] = "use the function gte: gte a b",
            ["!="] = "inequality is /=: (a /= b)",
            ["->"] = Function,
            ["=>"] = Function,
            ["//"] = Comment,
            ["--"] = Comment,
            ["def"] = Definition,
            ["defun"] = Definition,
            ["define"] = Definition,
            ["let"] = Definition,
            ["var"] = Definition,
            ["fun"] = Definition,
            ["function"] = Function,
            ["lambda"] = Function,
            ["import"] = "a module is imported by :| name",
            ["append"] = "use weld for rows, barWeld for bars, strWeld for texts",
            ["concat"] = "use cat for rows, barCat for bars, strCat for texts",
            ["contains"] = Has,
            ["elem"] = Has,
            ["first"] = "use fst",
            ["length"] = Length,
            ["push"] = "use rowSnoc, which adds at the end",
            ["reduce"] = "use foldl: foldl add 0 row",
            ["reverse"] = "use rev for rows, listRev for lists",
            ["size"] = Length,
            ["toString"] = "use showNat for numbers",
            ["help"] = "at the prompt, type :help",
            ["quit"] = "at the prompt, type :quit or Ctrl-D",
            ["exit"] = "at the prompt, type :quit or Ctrl-D",
            ["print"] = "trk shows a value: | trk value, and the form that has to be evaluated",
        }.ToFrozenDictionary();

    public static string? For(string word) => Hints.GetValueOrDefault(word);
}

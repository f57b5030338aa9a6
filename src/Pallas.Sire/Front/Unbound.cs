using System.Collections.Frozen;
using System.Text;
using Pallas.Values;

namespace Pallas.Sire;

/// <summary>Failures of names that nothing binds, with the nearest that something does.</summary>
internal static class Unbound
{
    public static SireFailure Name(
        Expander expander, ExprReader.Names? env, Form form, Nat name)
    {
        var near = new Nearest(KeyText.Of(name));
        for (; env is not null; env = env.Rest)
            if (env.Name is { } local)
                near.Offer(KeyText.Of(local));
        near.Offer(expander.State.Scope);
        var hint = Habits.HintFor(KeyText.Of(name))
            ?? near.Hint ?? HintOfModule(expander.State, name) ?? HintOfNothing(expander.State);
        return SireFailure.At(
            form, SireErrorKind.Unbound, $"{KeyText.Of(name)} is not bound", hint);
    }

    public static SireFailure Rune(Expander expander, Form form)
    {
        if (Commands.IsCommandRune(form.Text))
        {
            return SireFailure.At(
                form, SireErrorKind.Unbound, "a command stands within another form",
                "an empty line ends the form before it");
        }
        var near = new Nearest(form.Text);
        foreach (var rune in ExprReader.RuneNames)
            near.Offer(rune);
        near.Offer(expander.State.Scope);
        var hint = HintOfModule(expander.State, form.Head)
            ?? Habits.HintFor(form.Text) ?? near.Hint ?? HintOfNothing(expander.State);
        return SireFailure.At(
            form, SireErrorKind.Unbound, $"the rune {form.Text} is not bound", hint);
    }

    public static SireFailure Qualified(Expander expander, Form form, Nat module, Nat name)
    {
        if (expander.State.FindModule(module) is not { } scope)
            return Module(expander.State, form, module);
        var near = new Nearest(KeyText.Of(name));
        near.Offer(scope);
        return SireFailure.At(
            form, SireErrorKind.Unbound,
            $"{KeyText.Of(name)} is not exported by {KeyText.Of(module)}", near.Hint);
    }

    public static SireFailure Module(SireState state, Form form, Nat module)
    {
        var near = new Nearest(KeyText.Of(module));
        near.Offer(state.Modules);
        var isNumber = KeyText.Of(module).All(char.IsAsciiDigit);
        return SireFailure.At(
            form, SireErrorKind.Module, $"there is no module {KeyText.Of(module)}",
            near.Hint ?? (isNumber ? "numbers are whole; fractions are in the module ratio" : null)
                ?? "modules are looked for beside the file and in the library folders");
    }

    /// <param name="what">What the names are missing from, as in "bound here".</param>
    public static SireFailure Missing(Tab scope, Form form, IEnumerable<Nat> names, string what)
    {
        List<string> hints = [];
        var texts = names.Select(KeyText.Of).ToList();
        foreach (var text in texts)
        {
            var near = new Nearest(text);
            near.Offer(scope);
            if (near.Hint is { } hint)
                hints.Add(hint);
        }
        var verb = texts.Count == 1 ? "is" : "are";
        return SireFailure.At(
            form, SireErrorKind.Unbound, $"{string.Join(", ", texts)} {verb} not {what}",
            hints.Count == 0 ? null : string.Join("; ", hints));
    }

    private static string? HintOfNothing(SireState state) =>
        state.Scope.Count == 0 ? "the library is imported by :| prelude" : null;

    private static string? HintOfModule(SireState state, Nat name) =>
        FindModuleWith(state, name) is { } module
            ? $"the module {module} exports it: import it with :| {module}"
            : null;

    private static string? FindModuleWith(SireState state, Nat name)
    {
        for (var i = 0; i < state.Modules.Count; i++)
            if (state.Modules.KeyAt(i) is Nat module
                && state.FindModule(module)?.Find(name) is not null)
                return KeyText.Of(module);
        return null;
    }
}

/// <summary>What is written here instead of what other languages have, where nothing is bound to
/// that.</summary>
internal static class Habits
{
    private const string Comment = "a comment begins with ;";
    private const string Definition = "a definition is written = (name argument) body";
    private const string Has = "there is has for rows, barHas for bars, tabHas for tabs";
    private const string Length =
        "there is len for rows, barLen for bars, tabLen for tabs, strLen for texts";
    private const string Function = "a function is written (argument & body)";

    private static readonly FrozenDictionary<string, string> Hints =
        new Dictionary<string, string>
        {
            ["+"] = "there is a function: add a b",
            ["/"] = "there is a function: div a b",
            ["<"] = "there is a function: lth a b",
            [">"] = "there is a function: gth a b",
            ["<="] = "there is a function: lte a b",
            [">="] = "there is a function: gte a b",
            ["!="] = "different is /=: (a /= b)",
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
            ["append"] = "there is weld for rows, barWeld for bars, strWeld for texts",
            ["concat"] = "there is cat for rows, barCat for bars, strCat for texts",
            ["contains"] = Has,
            ["elem"] = Has,
            ["first"] = "there is fst",
            ["length"] = Length,
            ["push"] = "there is rowSnoc, which adds at the end",
            ["reduce"] = "there is foldl: foldl add 0 row",
            ["reverse"] = "there is rev for rows, listRev for lists",
            ["size"] = Length,
            ["toString"] = "there is showNat for numbers",
            ["help"] = "the prompt answers to :help",
            ["quit"] = "the prompt ends with Ctrl-D or :quit",
            ["exit"] = "the prompt ends with Ctrl-D or :quit",
            ["print"] = "trk shows a value: | trk value, and the form that has to be evaluated",
        }.ToFrozenDictionary();

    public static string? HintFor(string word) => Hints.GetValueOrDefault(word);
}

/// <summary>The nearest of the words offered, by number of edits, if one is near; of several the
/// first that only adds to the one that is wanted.</summary>
public sealed class Nearest(string wanted)
{
    /// <summary>Longer names are not offered.</summary>
    private const int NameBytesMax = 64;

    private int leastEdits = Math.Max(1, wanted.Length / 3) + 1;
    private string? best;
    private bool isAlike;

    public string? Hint => best is null ? null : $"did you mean {best}?";

    public void Offer(ReadOnlySpan<char> word)
    {
        if (word.SequenceEqual(wanted) || Math.Abs(word.Length - wanted.Length) > leastEdits)
            return;
        var edits = CountEdits(word);
        var begins = word.StartsWith(wanted, StringComparison.Ordinal);
        var isBetter = edits < leastEdits
            || (edits == leastEdits && best is not null && begins && !isAlike);
        if (isBetter && edits < Math.Max(word.Length, wanted.Length))
            (leastEdits, best, isAlike) = (edits, word.ToString(), begins);
    }

    /// <remarks>A scope has thousands of names, and a text may have thousands of errors: so most
    /// names are looked at without a string for each.</remarks>
    public void Offer(Tab tab)
    {
        Span<byte> bytes = stackalloc byte[NameBytesMax];
        Span<char> chars = stackalloc char[NameBytesMax];
        for (var i = 0; i < tab.Count; i++)
        {
            if (tab.KeyAt(i) is not Nat name || name.BitLength > 8 * NameBytesMax)
                continue;
            var count = name.BytesCount;
            name.CopyBytes(bytes);
            if (!bytes[..count].ContainsAnyExceptInRange((byte)' ', (byte)'~') && count > 0)
                Offer(chars[..Encoding.ASCII.GetChars(bytes[..count], chars)]);
            else
                Offer(KeyText.Of(name));
        }
    }

    /// <summary>Insertions, deletions, replacements, and exchanges of neighbours.</summary>
    private int CountEdits(ReadOnlySpan<char> word)
    {
        // Three rows of the usual table, by where they begin: for this character of the word and
        // for the two before.
        var width = wanted.Length + 1;
        var rows = width <= NameBytesMax ? stackalloc int[3 * width] : new int[3 * width];
        var (two, one, here) = (0, width, 2 * width);
        for (var j = 0; j < width; j++)
            rows[here + j] = j;
        for (var i = 1; i <= word.Length; i++)
        {
            (two, one, here) = (one, here, two);
            rows[here] = i;
            for (var j = 1; j < width; j++)
            {
                var replaced = rows[one + j - 1] + (word[i - 1] == wanted[j - 1] ? 0 : 1);
                var least = Math.Min(
                    replaced, Math.Min(rows[one + j], rows[here + j - 1]) + 1);
                if (i > 1 && j > 1 && word[i - 1] == wanted[j - 2] && word[i - 2] == wanted[j - 1])
                    least = Math.Min(least, rows[two + j - 2] + 1);
                rows[here + j] = least;
            }
        }
        return rows[here + wanted.Length];
    }
}

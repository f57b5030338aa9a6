using Pallas.Sire.Errors;
using Pallas.Values;

namespace Pallas.Sire.Expand;

/// <summary>Failures of names that nothing binds, with a hint: a bound name that is near, the
/// module that exports it, or the notation that another language writes so.</summary>
internal static class NameErrors
{
    public static SireFailure Name(SireState state, ExprReader.Names? env, Form form, Nat name)
    {
        var near = new Nearest(NameText.Of(name));
        for (; env is not null; env = env.Rest)
            if (env.Name is { } local)
                near.Offer(NameText.Of(local));
        near.Offer(state.Scope);
        var hint = ForeignSyntaxHints.For(NameText.Of(name))
            ?? near.Hint ?? HintOfModule(state, name) ?? HintOfNothing(state);
        return form.Failure(SireErrorKind.Unbound, $"{NameText.Of(name)} is not bound", hint);
    }

    public static SireFailure Rune(SireState state, Form form)
    {
        if (Commands.IsCommandRune(form.Text))
            return form.Failure(
                SireErrorKind.Unbound, "a command is inside another form",
                "an empty line ends the form before it");
        var near = new Nearest(form.Text);
        foreach (var rune in ExprReader.RuneNames)
            near.Offer(rune);
        near.Offer(state.Scope);
        var hint = HintOfModule(state, form.Head)
            ?? ForeignSyntaxHints.For(form.Text) ?? near.Hint ?? HintOfNothing(state);
        return form.Failure(SireErrorKind.Unbound, $"the rune {form.Text} is not bound", hint);
    }

    public static SireFailure Qualified(SireState state, Form form, Nat module, Nat name)
    {
        if (state.FindModule(module) is not { } scope)
            return Module(state, form, module);
        var near = new Nearest(NameText.Of(name));
        near.Offer(scope);
        return form.Failure(
            SireErrorKind.Unbound,
            $"{NameText.Of(name)} is not exported by {NameText.Of(module)}", near.Hint);
    }

    public static SireFailure Module(SireState state, Form form, Nat module)
    {
        var near = new Nearest(NameText.Of(module));
        near.Offer(state.Modules);
        var isNumber = NameText.Of(module).All(char.IsAsciiDigit);
        return form.Failure(
            SireErrorKind.Module, $"there is no module {NameText.Of(module)}",
            near.Hint ?? (isNumber ? "numbers are whole; fractions are in the module ratio" : null)
                ?? ModuleHeader.SearchHint);
    }

    /// <param name="what">How the names are missing, as in "bound here".</param>
    public static SireFailure Missing(Tab scope, Form form, IEnumerable<Nat> names, string what)
    {
        List<string> hints = [];
        var texts = names.Select(NameText.Of).ToList();
        foreach (var text in texts)
        {
            var near = new Nearest(text);
            near.Offer(scope);
            if (near.Hint is { } hint)
                hints.Add(hint);
        }
        var verb = texts.Count == 1 ? "is" : "are";
        return form.Failure(
            SireErrorKind.Unbound, $"{string.Join(", ", texts)} {verb} not {what}",
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
                return NameText.Of(module);
        return null;
    }
}

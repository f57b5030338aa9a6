using Pallas.Eval;
using Pallas.Sire.Errors;
using Pallas.Values;

namespace Pallas.Sire.Expand;

/// <summary>
/// The state of a load: the row <c>[next key, context, scope, modules]</c>.
/// </summary>
/// <remarks>
/// Macros take and return this value, so the row is the state and the properties are views of it.
/// The context is the name of the module that loads; the scope a tab from names to bindings;
/// modules a tab from names to the pinned scopes of the modules that are complete.
/// </remarks>
public sealed class SireState
{
    private static readonly Nat ReplName = Nat.OfText("REPL");

    private SireState(Value noun, Nat nextKey, Nat context, Tab scope, Tab modules) =>
        (Noun, NextKey, Context, Scope, Modules) = (noun, nextKey, context, scope, modules);

    public static SireState Initial { get; } = Make(Nat.One, Nat.Zero, Tab.Empty, Tab.Empty);

    public Value Noun { get; }

    public Tab Scope { get; }

    public Tab Modules { get; }

    /// <summary>The name of the current module; 0 before the first.</summary>
    public Nat Context { get; }

    /// <summary>The number that the next binding gets.</summary>
    public Nat NextKey { get; }

    public static SireState Make(Nat nextKey, Nat context, Tab scope, Tab modules) => new(
        Row.Of(nextKey, context, scope, modules), nextKey, context, scope, modules);

    /// <summary>A state that comes from a macro or a cache.</summary>
    /// <exception cref="SireFailure">The value is no state.</exception>
    internal static SireState Read(Evaluator evaluator, Value noun)
    {
        noun = evaluator.Whnf(noun);
        if (noun is Row { Count: 4 } row
            && evaluator.Whnf(row[0]) is Nat nextKey
            && evaluator.Whnf(row[1]) is Nat context
            && AsTab(evaluator, row[2]) is { } scope
            && AsTab(evaluator, row[3]) is { } modules)
            return new SireState(noun, nextKey, context, scope, modules);
        throw new SireFailure(
            SireErrorKind.Macro, default,
            "the state is not a row of next key, context, scope and modules",
            "a macro must return the state that it received, or one made from it");
    }

    /// <summary>A tab that is not evaluated yet may be a set applied to something.</summary>
    private static Tab? AsTab(Evaluator evaluator, Value value) =>
        evaluator.Whnf(value) as Tab ?? evaluator.Normalize(value) as Tab;

    /// <summary>Leaves the current module, which is then complete, for an empty scope.</summary>
    public SireState Enter(Nat name)
    {
        var modules = Context.IsZero ? Modules : Modules.With(Context, Pin.Make(Scope));
        return Make(NextKey, name, Tab.Empty, modules);
    }

    /// <summary>The state in which modules are cached: all of them complete.</summary>
    public SireState EnterRepl() => Enter(ReplName);

    /// <summary>Undoes <see cref="EnterRepl"/> at the end of a module.</summary>
    /// <returns>Null where the state does not have that module.</returns>
    public SireState? LeaveRepl(Nat name) => Modules.Find(name) is Pin { Item: Tab scope }
        ? Make(NextKey, name, scope, Modules.Without(name))
        : null;

    internal SireState With(Tab scope) => Make(NextKey, Context, scope, Modules);

    /// <summary>The names that a complete module exports, with their bindings; null when it is not
    /// loaded.</summary>
    internal Tab? FindModule(Nat name) => (Modules.Find(name) as Pin)?.Item as Tab;
}

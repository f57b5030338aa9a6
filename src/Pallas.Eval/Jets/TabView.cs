using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Reads values as tabs. Nothing evaluates the argument of a set when the set is applied, so a tab
/// that is not normalized may be an application of its key set to a thunk.
/// </summary>
internal static class TabView
{
    /// <summary>The tab that a value is, or null; evaluates nothing.</summary>
    /// <param name="value">In weak head normal form.</param>
    public static Tab? Of(Value value) => value switch
    {
        Tab tab => tab,
        App { Head: Set keys, Count: 1 } app when app[0] is Row row && row.Count == keys.Count =>
            Tab.Of(keys, row),
        _ => null,
    };

    /// <summary>The tab that a value is, or null; evaluates a set's argument.</summary>
    /// <param name="value">In weak head normal form.</param>
    public static Tab? Forced(Evaluator evaluator, Value value)
    {
        if (value is App { Head: Set, Count: 1 } app)
            evaluator.Whnf(app[0]);
        return Of(value);
    }
}

using Pallas.Eval;
using Pallas.Fuzz;
using Pallas.Values;

namespace Pallas.Tests.Jets;

/// <summary>Short names for values and calls of native code, for tests.</summary>
internal static class JetCalls
{
    private static readonly Dictionary<string, Jet> ByName =
        JetTable.All.Jets.ToDictionary(jet => jet.Name);

    public static Value R(params Value[] items) => Row.Of(items);

    public static Value B(string text) => Bar.OfText(text);

    public static Value S(params Value[] keys) => Set.Of(keys);

    public static Value T(params (Value Key, Value Value)[] pairs) =>
        pairs.Aggregate(Tab.Empty, (tab, pair) => tab.With(pair.Key, pair.Value));

    /// <summary>A closure of a head that takes many arguments.</summary>
    public static Value K(params Value[] args) =>
        App.Make(Law.Make(Nat.OfText("k"), Nat.Of(9), Nat.Zero), args);

    /// <summary>Crashes with the number when it is evaluated.</summary>
    public static Value Crash(Evaluator evaluator, ulong number) =>
        evaluator.Delay(Nat.Of(9), Nat.Of(number));

    /// <summary>The jet's answer as text: <c>4</c>, <c>crash 9 4</c>, or <c>law</c>.</summary>
    public static string Call(string name, params Value[] args) =>
        Call(new Evaluator(TestEval.WithJets), name, args);

    public static string Call(Evaluator evaluator, string name, params Value[] args) =>
        Outcome(() => Answer(evaluator, name, args) is { } value
            ? PlanText.Print(evaluator.Normalize(value))
            : "law");

    /// <summary>As the text of the outer value only: its items may crash.</summary>
    public static Value? Answer(Evaluator evaluator, string name, params Value[] args)
    {
        var jet = ByName[name];
        var given = (Value[])args.Clone();
        foreach (var index in jet.Force)
            given[index - 1] = evaluator.Whnf(given[index - 1]);
        var cheap = jet.Shortcut?.Invoke(given[0], given[^1]);
        if (cheap is not null && jet.Late.Length > 0)
            return cheap;
        foreach (var index in jet.Late)
            given[index - 1] = evaluator.Whnf(given[index - 1]);
        var value = jet.Code(evaluator, given);
        if (cheap is not null && value is not null)
        {
            var (first, second) = (evaluator.Whnf(cheap), evaluator.Whnf(value));
            if (!Order.Equal(first, second))
                throw new InvalidOperationException($"the shortcut of {name} differs");
        }
        return (value ?? cheap) is { } answer ? evaluator.Whnf(answer) : null;
    }

    public static string Text(Value value) => PlanText.Print(value);

    public static string Outcome(Func<string> run)
    {
        try
        {
            return run();
        }
        catch (PlanCrash crash)
        {
            return $"crash {PlanText.Print(crash.Op)} {PlanText.Print(crash.Argument)}";
        }
        catch (MachineFault fault)
        {
            return $"fault {fault.Kind}";
        }
    }
}

using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Comparisons of any two values, in the order of <see cref="Order"/>. Both arguments are
/// evaluated, the first one first. Their parts are evaluated only as far as the answer depends on
/// them.
/// </summary>
internal static class OrderJets
{
    public static readonly Jet[] All =
    [
        // (cmp x y) = 0 where x is less than y, 1 where they are equal, 2 where it is greater
        new()
        {
            Name = "_Cmp", Arity = 2, Force = [1, 2],
            Shortcut = static (x, y) => x is SmallNat a && y is SmallNat b
                ? LazyOrder.Ordinal(a.Word.CompareTo(b.Word))
                : null,
            Code = static (evaluator, args) =>
                LazyOrder.Ordinal(LazyOrder.Compare(evaluator, args[0], args[1])),
            Hashes = ["6MtBxTQmFyGU1nSGVLeAvefWjEmhA42MwcfDH5L718iR"],
        },

        // (eql x y) = 1 where x and y are equal, else 0
        new()
        {
            Name = "_Eql", Arity = 2, Force = [1, 2],
            Shortcut = static (x, y) =>
                x is SmallNat a && y is SmallNat b ? Nat.Of(a.Word == b.Word) : null,
            Code = static (evaluator, args) =>
                Nat.Of(LazyOrder.Equal(evaluator, args[0], args[1])),
            Hashes = ["Adf29h2HgWaoiya1ZWMeMp4iMQfeUnNZzbVyZ5ocNuUz"],
        },

        // (neq x y) = 0 where x and y are equal, else 1
        new()
        {
            Name = "_Neq", Arity = 2, Force = [1, 2],
            Shortcut = static (x, y) =>
                x is SmallNat a && y is SmallNat b ? Nat.Of(a.Word != b.Word) : null,
            Code = static (evaluator, args) =>
                Nat.Of(!LazyOrder.Equal(evaluator, args[0], args[1])),
            Hashes = ["Bsn2Gzwu5akm1x7L6pj3QqxgL1x6biEgKxiS9ahMJM8E"],
        },

        // (lth x y) = 1 where x is less than y, else 0
        new()
        {
            Name = "_Lth", Arity = 2, Force = [1, 2],
            Shortcut = static (x, y) =>
                x is SmallNat a && y is SmallNat b ? Nat.Of(a.Word < b.Word) : null,
            Code = static (evaluator, args) =>
                Nat.Of(LazyOrder.Compare(evaluator, args[0], args[1]) < 0),
            Hashes = ["AdoCNFpqJGYuhrayP8pVoqzyfSR7UcPwDt86gyL7oe4A"],
        },

        // (lte x y) = 1 where x is less than y or equal, else 0
        new()
        {
            Name = "_Lte", Arity = 2, Force = [1, 2],
            Shortcut = static (x, y) =>
                x is SmallNat a && y is SmallNat b ? Nat.Of(a.Word <= b.Word) : null,
            Code = static (evaluator, args) =>
                Nat.Of(LazyOrder.Compare(evaluator, args[0], args[1]) <= 0),
            Hashes = ["3ERFoKQNfT27Q9uf356rXiUA9wuBxH1EX2abyZmikeVy"],
        },

        // (gth x y) = 1 where x is greater than y, else 0
        new()
        {
            Name = "_Gth", Arity = 2, Force = [1, 2],
            Shortcut = static (x, y) =>
                x is SmallNat a && y is SmallNat b ? Nat.Of(a.Word > b.Word) : null,
            Code = static (evaluator, args) =>
                Nat.Of(LazyOrder.Compare(evaluator, args[0], args[1]) > 0),
            Hashes = ["vzmdUQLNpoqDJxoyVpU4ESQVZg4eWfv9ye55MzHH5AB"],
        },

        // (gte x y) = 1 where x is greater than y or equal, else 0
        new()
        {
            Name = "_Gte", Arity = 2, Force = [1, 2],
            Shortcut = static (x, y) =>
                x is SmallNat a && y is SmallNat b ? Nat.Of(a.Word >= b.Word) : null,
            Code = static (evaluator, args) =>
                Nat.Of(LazyOrder.Compare(evaluator, args[0], args[1]) >= 0),
            Hashes = ["36re96oJE2udJvUgERtaYYFWVm7AJNHe8pVufjoXkQet"],
        },

        // (min x y) = x where it is less than y or equal, else y
        new()
        {
            Name = "_Min", Arity = 2, Force = [1, 2],
            Shortcut = static (x, y) =>
                x is SmallNat a && y is SmallNat b ? (a.Word <= b.Word ? a : b) : null,
            Code = static (evaluator, args) =>
                LazyOrder.Compare(evaluator, args[0], args[1]) <= 0 ? args[0] : args[1],
            Hashes = ["9PS8RSccDegsbr8VBYX7gESoEYV97nLer882MvdyGpZG"],
        },

        // (max x y) = x where it is greater than y or equal, else y
        new()
        {
            Name = "_Max", Arity = 2, Force = [1, 2],
            Shortcut = static (x, y) =>
                x is SmallNat a && y is SmallNat b ? (a.Word >= b.Word ? a : b) : null,
            Code = static (evaluator, args) =>
                LazyOrder.Compare(evaluator, args[0], args[1]) >= 0 ? args[0] : args[1],
            Hashes = ["8YxA9BhNBELQykHmLTg2dKZvZ7mxm9W94Ra4gQ9YXbMy"],
        },
    ];
}

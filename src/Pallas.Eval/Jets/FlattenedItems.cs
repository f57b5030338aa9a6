using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// The values in a tree of applications that are none themselves, from left to right: the items
/// of an app by index, without its head. Evaluates each value when it is reached, not before.
/// </summary>
internal readonly struct FlattenedItems(Evaluator evaluator, Value tree)
{
    public Enumerator GetEnumerator() => new(evaluator, tree);

    public struct Enumerator
    {
        private readonly Evaluator evaluator;
        private readonly Stack<Value> todo;

        internal Enumerator(Evaluator evaluator, Value tree)
        {
            this.evaluator = evaluator;
            todo = new Stack<Value>();
            todo.Push(tree);
            Current = tree;
        }

        public Value Current { get; private set; }

        public bool MoveNext()
        {
            while (todo.TryPop(out var next))
            {
                Current = evaluator.Whnf(next);
                if (!AppParts.IsApp(Current))
                    return true;
                for (var i = AppParts.Count(Current) - 1; i >= 0; i--)
                    todo.Push(AppParts.Item(Current, i));
            }
            return false;
        }
    }
}

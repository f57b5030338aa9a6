using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// The leaves of a tree of applications from left to right: values that are no apps. The items of
/// an app come by index, without its head. Each value is evaluated when the enumeration reaches it.
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

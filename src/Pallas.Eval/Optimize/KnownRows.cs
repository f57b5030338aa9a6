using Pallas.Values;

namespace Pallas.Eval;

/// <summary>The items of the rows that the lets of a law bind, for passes that replace an item of
/// a row by the expression itself.</summary>
internal sealed class KnownRows(CoreBuilder build)
{
    private readonly Dictionary<int, Core[]> itemsOf = [];

    /// <summary>The items of a row that is known here, first to last.</summary>
    public Core[]? ItemsOf(Core row) => row is Core.Var variable
        ? itemsOf.GetValueOrDefault(variable.Id)
        : CoreQueries.BuiltRowItems(row);

    /// <summary>Names the items of a row that a let binds, so that each can be used apart from the
    /// row.</summary>
    /// <returns>The row of the names, and the lets for them; null for any other value.</returns>
    public (Core Row, List<(int Id, Core Bound)> Lets)? Name(int id, Core value)
    {
        if (CoreQueries.BuiltRowItems(value) is not { } items)
            return null;
        var lets = new List<(int Id, Core Bound)>();
        for (var i = 0; i < items.Length; i++)
        {
            if (CoreQueries.IsAtom(items[i]))
                continue;
            lets.Add((build.NewVariable(), items[i]));
            items[i] = new Core.Var(lets[^1].Id);
        }
        itemsOf[id] = items;
        return (CoreBuilder.Row(items), lets);
    }

    /// <summary>The item, if the expression takes one of a row that is known here.</summary>
    public Core? ItemOf(Core core)
    {
        if (CoreQueries.ItemParts(core)
            is not var (row, index) || index is not Core.Const { Value: SmallNat { Word: var at } })
        {
            return null;
        }
        var lets = new Stack<Core>();
        while (row is Core.Let or Core.LetRec)
        {
            lets.Push(row);
            row = row.Parts[^1];
        }
        if (ItemsOf(row) is not { } items)
            return null;
        var item = at < (ulong)items.Length ? items[at] : new Core.Const(Nat.Zero);
        foreach (var let in lets)
            item = build.With(let, [.. let.Parts[..^1], item]);
        return item;
    }
}

using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// A value in weak head normal form as reflection and the row laws see it, whatever its layout. A
/// row law works on every application: item 0 is the last argument, item 1 the one before it.
/// </summary>
internal static class AppParts
{
    public static bool IsApp(Value value) => value is App or Tab or Row { Count: > 0 };

    /// <summary>The number of arguments applied to the head; 0 where the value is no app.</summary>
    public static int Count(Value value) => value switch
    {
        Row row => row.Count,
        App app => app.Count,
        Tab => 1,
        _ => 0,
    };

    /// <summary>The item, which may be a thunk; 0 where there is none.</summary>
    public static Value Item(Value value, int index) => value switch
    {
        Row row when index < row.Count => row[index],
        App app when index < app.Count => app[app.Count - 1 - index],
        Tab tab when index == 0 => tab.ToValueRow(),
        _ => Nat.Zero,
    };

    /// <summary>The item; 0 where there is none.</summary>
    public static Value Item(Value value, Nat index) =>
        index is SmallNat { Word: < int.MaxValue } small
            ? Item(value, (int)small.Word)
            : Nat.Zero;

    /// <summary>
    /// The items in the order of their indices, without a copy where there is none to make.
    /// </summary>
    public static ItemSeq Sequence(Value value) =>
        value is Row row ? row.Parts : ItemSeq.Of(Items(value));

    /// <summary>A new array of the items, in the order of their indices.</summary>
    public static Value[] Items(Value value)
    {
        switch (value)
        {
            case Row row:
                return row.ToArray();
            case App app:
                var items = app.CopyParts();
                Array.Reverse(items);
                return items;
            case Tab tab:
                return [tab.ToValueRow()];
            default:
                return [];
        }
    }

    /// <summary>The function that all arguments are applied to; another value is its own.</summary>
    public static Value Head(Value value) => value switch
    {
        Row { Count: > 0 } row => new Cow(Nat.Of((ulong)row.Count)),
        App app => app.Head,
        Tab tab => tab.Keys,
        _ => value,
    };

    /// <summary>An app without its last argument; 4 for a pin; a law without its body.</summary>
    public static Value Car(Value value) => value switch
    {
        Nat => Nat.Zero,
        Pin => Nat.Of(Opcode.Pin),
        App { Count: 1 } app => app.Head,
        App app => App.Make(app.Head, app.CopyParts()[..^1]),
        Tab tab => tab.Keys,
        Row { Count: 1 } => new Cow(Nat.One),
        Row { Count: > 1 } row => RowCar(row),
        _ => LawCar(value),
    };

    /// <summary>An app's last argument, a pin's item, a law's body; 0 for a nat.</summary>
    public static Value Cdr(Value value) => value switch
    {
        Nat => Nat.Zero,
        Pin pin => pin.Item,
        App app => app[app.Count - 1],
        Tab tab => tab.ToValueRow(),
        Row { Count: > 0 } row => row[0],
        _ => Body(value),
    };

    /// <summary>The body of a law; 0 where the value is no law.</summary>
    public static Value Body(Value value) => value switch
    {
        Law law => law.Body,
        Set set => set.ToRow(),
        Bar bar => bar.BodyNat,
        _ => Nat.Zero,
    };

    /// <summary>The application with one item replaced; unchanged where there is none.</summary>
    public static Value Put(Value value, Nat index, Value item)
    {
        if (index is not SmallNat { Word: < int.MaxValue } small)
            return value;
        var at = (int)small.Word;
        if (at >= Count(value))
            return value;
        if (value is Tab tab)
            return App.Make(tab.Keys, item);
        if (value is Row row)
            return Row.Of(row.Parts.With(at, item));
        var app = (App)value;
        var args = app.CopyParts();
        args[^(at + 1)] = item;
        return App.Make(app.Head, args);
    }

    /// <summary>
    /// The number of arguments that a value takes; null where it is too large for
    /// <see cref="Value.Arity"/>.
    /// </summary>
    public static Nat? Arity(Value value) =>
        value.Arity == int.MaxValue ? null : Nat.Of((ulong)value.Arity);

    private static Value RowCar(Row row)
    {
        var rest = row.ToArray()[1..];
        Array.Reverse(rest);
        return App.Make(new Cow(Nat.Of((ulong)row.Count)), rest);
    }

    private static Value LawCar(Value law)
    {
        var (name, argCount, _) = LawParts.Of(law);
        return App.Make(Nat.Zero, name, argCount);
    }
}

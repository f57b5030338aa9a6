namespace Pallas.Values;

/// <summary>Recognises the laws and apps whose layout is a data jet.</summary>
internal static class DataShape
{
    /// <summary>The data jet that is the law <c>{name argCount body}</c>, or null.</summary>
    public static Value? Match(Nat name, Nat argCount, Value body)
    {
        if (name is not SmallNat { Word: <= 1 } small)
            return null;
        if (small.Word == 0)
        {
            if (body is not SmallNat { Word: 0 })
                return null;
            return argCount is SmallNat { Word: 1 }
                ? Row.Empty
                : new Cow(Nat.Of(argCount.Big - 1));
        }
        return argCount switch
        {
            SmallNat { Word: 1 } when body is Nat nat => MatchBar(nat),
            SmallNat { Word: 2 } when body is Row row => MatchSet(row),
            _ => null,
        };
    }

    /// <summary>A head applied to all but its last argument, in its one layout.</summary>
    /// <param name="head">In weak head normal form, no app.</param>
    /// <param name="args">Taken over.</param>
    public static Value MakeApp(Value head, Value[] args)
    {
        if (head is Cow cow && cow.Arity == args.Length + 1)
        {
            Array.Reverse(args);
            return Row.Of(args);
        }
        return head is Set set && args[0].Resolved is Row row && row.Count == set.Count
            ? Tab.Of(set, row)
            : new App(head, args);
    }

    /// <summary>The same for one argument.</summary>
    public static Value MakeApp(Value head, Value arg) =>
        head is Cow or Set ? MakeApp(head, [arg]) : new App(head, arg);

    /// <summary>The same for two arguments.</summary>
    public static Value MakeApp(Value head, Value first, Value second) =>
        head is not Cow cow ? new App(head, first, second)
        : cow.Arity == 3 ? new Row(second, first)
        : MakeApp(head, [first, second]);

    private static Bar? MatchBar(Nat nat)
    {
        if (nat.IsZero || nat.BitLength % 8 != 1)
            return null;
        return Bar.Of(nat.ToBytes()[..^1]);
    }

    private static Set? MatchSet(Row row)
    {
        var items = new ItemCursor(row.Parts);
        for (var i = 1; i < row.Count; i++)
        {
            if (Order.Compare(items[i - 1], items[i]) >= 0)
                return null;
        }
        return Set.OfAscending(row.Parts);
    }
}

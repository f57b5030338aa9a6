using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// The kind of a value, and its parts. Rows, bars, sets, tabs and cows are seen as the laws and
/// apps that they represent.
/// </summary>
internal static class ReflectionJets
{
    public static readonly Jet[] All =
    [
        // (isPin x) = 1 for a pin, else 0
        new()
        {
            Name = "_IsPin", Arity = 1, Force = [1],
            Shortcut = static (x, _) => Nat.Of(x is Pin),
            Hashes = ["9yKhatzX3nmiaJuvt9k4vC15TFpfLrdAJgBYAHbsNNLR"],
        },

        // (isLaw x) = 1 for a law, else 0
        new()
        {
            Name = "_IsLaw", Arity = 1, Force = [1],
            Shortcut = static (x, _) => Nat.Of(LawParts.IsLaw(x)),
            Hashes = ["BWQ7azfQEprHXNumwKc2zKHSHxXdkydxg1zvCZKfXTGF"],
        },

        // (isApp x) = 1 for an app, else 0
        new()
        {
            Name = "_IsApp", Arity = 1, Force = [1],
            Shortcut = static (x, _) => Nat.Of(AppParts.IsApp(x)),
            Hashes = ["2b6Ki7gnsoZnLFdXdNrdrF2PdehjsKpvFiHaD4y85VbY"],
        },

        // (isNat x) = 1 for a nat, else 0
        new()
        {
            Name = "_IsNat", Arity = 1, Force = [1],
            Shortcut = static (x, _) => Nat.Of(x is Nat),
            Hashes = ["UUg4gA355ySzHkLR9uyNbH667o6b4NkAv4rQ3pwJYqj"],
        },

        // (planTag x) = 0 for a pin, 1 for a law, 2 for an app, 3 for a nat
        new()
        {
            Name = "_PlanTag", Arity = 1, Force = [1],
            Shortcut = static (x, _) => PlanTag(x),
            Hashes = ["Hbq7zzUZ4tQXWZv1RQLLTrvSvsCXWahVd4nzCn28kB4g"],
        },

        // (pinItem x) = the item of a pin; else 0
        new()
        {
            Name = "_PinItem", Arity = 1, Force = [1],
            Shortcut = static (x, _) => x is Pin pin ? pin.Item : Nat.Zero,
            Hashes = ["7EaNWdf4EqHNCEBCScEuW4CrxbMzbadgkXgQcrbLwS2C"],
        },

        // (lawName x) = the name of a law; else 0
        new()
        {
            Name = "_LawName", Arity = 1, Force = [1],
            Code = static (_, args) => LawParts.Of(args[0]).Name,
            Hashes = ["Gnorn9t78uWCBXACgxF2QEbXpXvHZZgA71Ryt8DL42Wx"],
        },

        // (lawArgs x) = how many arguments a law takes; else 0
        new()
        {
            Name = "_LawArgs", Arity = 1, Force = [1],
            Code = static (_, args) => LawParts.Of(args[0]).ArgCount,
            Hashes = ["Gvj7mVywtF79a5xV17UXceJLFtYAneSD1PJfrCEEMnEY"],
        },

        // (lawBody x) = the body of a law; else 0
        new()
        {
            Name = "_LawBody", Arity = 1, Force = [1],
            Code = static (_, args) => AppParts.Body(args[0]),
            Hashes = ["CYHDZqaDfuN2MGLga3LuSUNeAHf5wmDvL928Ca97RwWw"],
        },

        // (car x) = 4 for a pin, (0 n a) for a law, the head of an app, 0 for a nat
        new()
        {
            Name = "_Car", Arity = 1, Force = [1],
            Code = static (_, args) => AppParts.Car(args[0]),
            Hashes = ["CT92yRzvnSAA5eqLf31G58S5kKCbv8A6JjWNtm8raZQp"],
        },

        // (cdr x) = the item of a pin, the body of a law, an app's last argument, 0 for a nat
        new()
        {
            Name = "_Cdr", Arity = 1, Force = [1],
            Code = static (_, args) => AppParts.Cdr(args[0]),
            Hashes = ["HiPkTzvPxdyzkza8Tq43m9kmAmv1jEgevkFngo8T7kGV"],
        },

        // (null x) = 0 for an app, else 1
        new()
        {
            Name = "_Null", Arity = 1, Force = [1],
            Shortcut = static (x, _) => Nat.Of(!AppParts.IsApp(x)),
            Hashes = ["B7Yd7cPdoDFsLgkYmuWdsvM4NJfMSmasj3Jhp5agrFbF"],
        },

        // (head x) = the function that all arguments of an app are applied to; else x
        new()
        {
            Name = "_Head", Arity = 1, Force = [1],
            Code = static (_, args) => AppParts.Head(args[0]),
            Hashes = ["qdNQEg1BoJgcRm1qRGdNqDK86bm7XSean7torY3Q2XR"],
        },

        // (arity x) = how many more arguments x takes
        new()
        {
            Name = "_Arity", Arity = 1, Force = [1],
            Code = static (_, args) => AppParts.Arity(args[0]),
            Hashes = ["2jz4zz3a621Z6uhWSpTbv2wRi91aQfsSRn76Yi6me5gy"],
        },

        // (cow n) = {0 n+1 0}, the constructor of rows of n items
        new()
        {
            Name = "_Cow", Arity = 1, Force = [1],
            Code = static (_, args) => Law.Make(
                Nat.Zero, Nat.Of(Nat.Coerce(args[0]).Big + 1), Nat.Zero),
            Hashes = ["3gqiFBpFd6UwEJSqH2MLPE1s3C5hTSra5uF6GYzsW1za"],
        },

        // (cowSize x) = how many items a row constructor takes: (dec (lawArgs x))
        new()
        {
            Name = "_CowSize", Arity = 1, Force = [1],
            Code = static (_, args) => NatJets.Dec(LawParts.Of(args[0]).ArgCount),
            Hashes = ["G6gN1nJbBtohntPrsG3v6edTtr78MMPJLaehkQ7sLcSL"],
        },

        // (isCow x) = 1 for a law of name 0 and body 0, which the empty row is too; else 0
        new()
        {
            Name = "_IsCow", Arity = 1, Force = [1],
            Code = static (_, args) => Nat.Of(args[0] is Cow or Row { Count: 0 }),
            Hashes = ["J9D6GAKqFiyfbzyr9ejHExr4avfRHS9EycgSTqMpk77s"],
        },

        // (isRow x) = 1 for a row, else 0
        new()
        {
            Name = "_IsRow", Arity = 1, Force = [1],
            Shortcut = static (x, _) => Nat.Of(x is Row),
            Hashes = ["8t2nzyaUKEB4iXUcLVaLwFLDHJ6tddQK7Dp5W9oZQLDW"],
        },

        // (dataTag x) = x for a nat, item 0 of an app, else 0
        new()
        {
            Name = "_DataTag", Arity = 1, Force = [1],
            Code = static (_, args) => args[0] is Nat ? args[0] : AppParts.Item(args[0], 0),
            Hashes = ["EDQm1rudzF71qQPiAERwabdVg3drR91iWvZ5wswYBqpP"],
        },

        // (typeTag x) = 4 for a bar, 5 for a row, 6 for a tab, 7 for a cow, 8 for a set; else
        // (planTag x)
        new()
        {
            Name = "_TypeTag", Arity = 1, Force = [1],
            Code = static (evaluator, args) => TypeTag(evaluator, args[0]),
            Hashes = ["3XohyijyCTrFjend5kYB4uWbai4nrj1EPZ5i5ri4mUC6"],
        },
    ];

    private static SmallNat PlanTag(Value value) => Nat.Of(value switch
    {
        Pin => 0UL,
        Nat => 3,
        _ => AppParts.IsApp(value) ? 2UL : 1,
    });

    private static SmallNat TypeTag(Evaluator evaluator, Value value) => value switch
    {
        Bar => Nat.Of(4),
        Row => Nat.Of(5),
        Cow => Nat.Of(7),
        Set => Nat.Of(8),
        _ => TabView.Forced(evaluator, value) is null ? PlanTag(value) : Nat.Of(6),
    };
}

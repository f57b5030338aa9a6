using Pallas.Tests.Library;
using Pallas.Values;

namespace Pallas.Tests.Plan;

/// <summary>Bodies of laws, as values.</summary>
internal static class LawTerms
{
    public static Pin Named(string name) => (Pin)LoadedLibrary.Shared.Find(name)!;

    public static Pin MakeLaw(ulong arity, Value body) =>
        Pin.Make(Law.Make(Nat.OfText("law"), Nat.Of(arity), body));

    public static Value Dec(Value term) => Call(Quote(Named("_Dec")), term);

    public static Value If(Value condition, Value then, Value otherwise) =>
        Call(Quote(Named("_If")), condition, then, otherwise);

    public static Value Quote(Value value) => App.Make(Nat.Of(2), value);

    /// <summary>A law of the library, in a body.</summary>
    public static Value Lib(string name) => Quote(Named(name));

    /// <summary>A row that is made of items, first to last.</summary>
    public static Value RowOf(params Value[] items) =>
        Call(Quote(new Cow(Nat.Of((ulong)items.Length))), [.. items.Reverse()]);

    public static Value Call(Value function, params Value[] args) =>
        args.Aggregate(function, (head, arg) => App.Make(Nat.Zero, head, arg));
}

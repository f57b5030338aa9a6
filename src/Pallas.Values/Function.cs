using Pallas.Values.Hashing;

namespace Pallas.Values;

/// <summary>A pure function in normal form: <c>{name arity body}</c>.</summary>
public sealed class Law : Value
{
    private readonly int arity;

    private Law(Nat name, Nat argCount, Value body)
    {
        Name = name;
        ArgCount = argCount;
        Body = body;
        arity = argCount is SmallNat { Word: < int.MaxValue } small
            ? (int)small.Word
            : int.MaxValue;
    }

    public Nat Name { get; }

    /// <summary>The number of arguments, at least 1; it may be beyond any use.</summary>
    public Nat ArgCount { get; }

    public Value Body { get; }

    public override int Arity => arity;

    /// <summary>What the evaluator derived from the body; opaque to values.</summary>
    internal object? Code;

    /// <summary>Builds the law, or the data jet that has its shape.</summary>
    /// <param name="argCount">Not zero.</param>
    /// <param name="body">In normal form.</param>
    public static Value Make(Nat name, Nat argCount, Value body)
    {
        if (argCount.IsZero)
            throw new ArgumentException("a law takes at least one argument", nameof(argCount));
        return DataShape.Match(name, argCount, body) ?? new Law(name, argCount, body);
    }
}

/// <summary>A value in normal form that is hashed and stored once: <c>&lt;item&gt;</c>.</summary>
/// <remarks>
/// A pin that a <see cref="ValueSource"/> has is known by its hash; its item is there when it is
/// touched and may be dropped again.
/// </remarks>
public sealed class Pin : Value, IDroppable
{
    private const int NotKnown = -1;

    private volatile Value? item;
    private ValueSource? source;
    private object? hash;
    private Pin[]? refs;
    private int arity;

    private Pin(Value? item, int arity)
    {
        this.item = item;
        this.arity = arity;
    }

    /// <param name="item">In normal form.</param>
    public static Pin Make(Value item) => new(item, ArityInMemory(item));

    /// <summary>A pin whose hash is known, as read from a store.</summary>
    public static Pin Make(Value item, Hash256 hash) =>
        new(item, ArityInMemory(item)) { hash = hash };

    /// <summary>A pin whose item is loaded when it is touched.</summary>
    public static Pin Stored(Hash256 hash, ValueSource source) =>
        new(null, NotKnown) { hash = hash, source = source };

    public Value Item => item ?? Load();

    public override int Arity => arity != NotKnown ? arity : FindArity();

    /// <summary>Whether the arity is not known before something is loaded.</summary>
    internal bool IsUnseen => arity == NotKnown;

    /// <summary>
    /// Whether applying the pin runs its law with the pin itself as variable 0. An empty row and
    /// a cow are laws whose body is that variable; bars and sets are laws that never look at it.
    /// </summary>
    internal bool IsLaw => Item is Law or Cow or Row { Count: 0 };

    /// <summary>The BLAKE3 hash of the canonical encoding of the item; computed once.</summary>
    public Hash256 Hash => (Hash256)(hash ??= PinHash.Of(Item));

    internal bool HasHash => hash is not null;

    /// <summary>The pins that the item holds directly, in canonical order; computed once.</summary>
    public IReadOnlyList<Pin> Refs => refs ??= PinRefs.Of(Item);

    /// <summary>Who has the item when it is not in memory.</summary>
    public ValueSource? Source => source;

    /// <summary>The item if it is in memory, without loading it.</summary>
    public Value? ItemInMemory => item;

    /// <summary>From here on the item may be dropped, because the source has it.</summary>
    public void KeepAt(ValueSource keeper) => source = keeper;

    /// <summary>Lets go of the item; the next touch loads it.</summary>
    public void Drop()
    {
        if (source is null)
            return;
        item = null;
        refs = null;
    }

    /// <summary>What the evaluator runs for this pin; opaque to values.</summary>
    internal object? Jet;

    private Value Load()
    {
        var loaded = source!.LoadItem(this);
        item = loaded;
        return loaded;
    }

    /// <summary>
    /// Making a pin loads nothing: a store is read from here, and a forged one may have pins that
    /// stand on themselves.
    /// </summary>
    private static int ArityInMemory(Value item) =>
        (item is App app ? app.Head : item) is Pin { IsUnseen: true } ? NotKnown : item.Arity;

    /// <summary>
    /// A pin may hold a closure of a pin that holds a closure, and so on for ever: the chain is
    /// followed first, so that no arity below asks for another.
    /// </summary>
    private int FindArity()
    {
        var chain = new Stack<(Pin Pin, Value Item)>();
        Value value = this;
        while (value is Pin { IsUnseen: true } pin)
        {
            var inside = pin.Item;
            chain.Push((pin, inside));
            value = inside is App app ? app.Head : inside;
        }
        while (chain.TryPop(out var next))
            next.Pin.arity = next.Item.Arity;
        return arity;
    }
}

/// <summary>A function applied to fewer arguments than it takes: a closure.</summary>
/// <remarks>Flat: the head is a nat, law, pin, set or cow, never an app.</remarks>
public sealed class App : Compound
{
    /// <param name="head">In weak head normal form, no app, and of greater arity than args.</param>
    /// <param name="args">Taken over.</param>
    internal App(Value head, Value[] args)
        : base(new ItemSeq(args)) => Head = head;

    internal App(Value head, Value arg)
        : base(arg) => Head = head;

    internal App(Value head, Value first, Value second)
        : base(first, second) => Head = head;

    public Value Head { get; }

    /// <summary>The number of arguments, at least 1.</summary>
    public int Count => PartCount;

    /// <summary>Where the arguments are an array, that array: those of an app are never packed.
    /// </summary>
    internal Value[] Args => Parts.Flat.Values!;

    /// <summary>Argument by index, first is 0; may be a pending thunk.</summary>
    public Value this[int index] => Part(index);

    public override int Arity =>
        Head.Arity == int.MaxValue ? int.MaxValue : Head.Arity - PartCount;

    /// <summary>A head applied to too few arguments to be evaluated, in its one layout.</summary>
    /// <param name="head">In weak head normal form; may be an app.</param>
    /// <param name="args">Taken over; fewer than the head's arity, at least one.</param>
    public static Value Make(Value head, params Value[] args)
    {
        if (head is App inner)
            (head, args) = (inner.Head, [.. inner.CopyParts(), .. args]);
        if (args.Length == 0 || args.Length >= head.Arity)
            throw new ArgumentException("a closure has fewer arguments than its head takes");
        return DataShape.MakeApp(head, args);
    }
}

/// <summary>The row constructor of n elements: the law <c>{0 n+1 0}</c>, n at least 1.</summary>
public sealed class Cow : Value
{
    internal Cow(Nat size) => Size = size;

    /// <summary>How many elements make a row.</summary>
    public Nat Size { get; }

    public override int Arity =>
        Size is SmallNat { Word: < int.MaxValue - 1 } small ? (int)small.Word + 1 : int.MaxValue;
}

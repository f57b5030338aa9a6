namespace Pallas.Plan;

/// <summary>
/// A PLAN value. The family is closed: nats, pins, laws, apps, the five data jets
/// (<see cref="Row"/>, <see cref="Bar"/>, <see cref="Tab"/>, <see cref="Set"/>, <see cref="Cow"/>),
/// which are layouts of ordinary laws and apps, and <see cref="Thunk"/>, a suspended evaluation.
/// </summary>
/// <remarks>
/// What holds for every value that is not a thunk:
/// <list type="bullet">
/// <item>It is in weak head normal form. Fields of apps, rows and tabs may be thunks; the fields of
/// laws and pins, and the keys of sets and tabs, are in normal form.</item>
/// <item>In normal form a PLAN value has exactly one layout: a law that has the shape of a data jet
/// is that data jet (see <see cref="Law.Make"/>), a cow given all its elements is a row, and a set
/// given a row of its own length is a tab. Before normal form one exception exists: a set applied
/// to a thunk is an app, because applying a set does not look at its argument.</item>
/// </list>
/// </remarks>
public abstract class Value
{
    private protected Value()
    {
    }

    /// <summary>Follows evaluated thunks to a value that is no thunk, or a pending one.</summary>
    public Value Resolved => this is Thunk thunk ? thunk.Follow() : this;

    /// <summary>
    /// How many arguments saturate this value: 1 for a value that cannot take more without being
    /// evaluated, <see cref="int.MaxValue"/> for a law of more arguments than any program can give.
    /// Not defined for thunks.
    /// </summary>
    public abstract int Arity { get; }

    public static implicit operator Value(ulong nat) => Nat.Of(nat);

    public static implicit operator Value(int nat) => Nat.Of((ulong)nat);

    /// <summary>The nat whose little-endian bytes are the UTF-8 text.</summary>
    public static implicit operator Value(string text) => Nat.OfText(text);

    public override string ToString() => PlanText.Print(this, lengthMax: 2000);
}

/// <summary>A value with lazy fields: an app's arguments, a row's items, a tab's values.</summary>
public abstract class Compound : Value
{
    /// <summary>Overwritten in place only by the value of the thunk that stood there.</summary>
    internal readonly ItemSeq Parts;

    internal NormalState Normality;

    /// <summary>Whether a <see cref="ValueSource"/> may know a chunk of this very value.</summary>
    internal bool IsStored;

    private protected Compound(ItemSeq parts) => Parts = parts;
}

/// <summary>What is known of a compound value's normal form.</summary>
internal enum NormalState : byte
{
    Unknown,

    /// <summary>Being walked: who meets it again has found a value that contains itself.</summary>
    Walking,

    /// <summary>In normal form all through; never walked again, safe to share.</summary>
    Normal,
}

namespace Pallas.Plan;

/// <summary>
/// Native code of a jet. Arguments named in <see cref="Jet.Force"/> and <see cref="Jet.Late"/> are
/// in weak head normal form; others may be pending thunks. The result may be a thunk: it is
/// evaluated as a tail call. Null asks for the law to be run instead.
/// </summary>
public delegate Value? JetCode(Evaluator evaluator, ReadOnlySpan<Value> args);

/// <summary>
/// The part of a jet that is cheap and total on evaluated arguments: it may run where the program
/// is lazy, because nobody can tell. Null where it would not be cheap.
/// </summary>
public delegate Value? JetShortcut(Value first, Value second);

/// <summary>Native code for a known law. It may change speed, never a result.</summary>
public sealed class Jet
{
    /// <summary>The name of the law, as in its nat.</summary>
    public required string Name { get; init; }

    public required int Arity { get; init; }

    /// <summary>
    /// Arguments, counted from 1, that are brought to weak head normal form before the code runs,
    /// in the order in which the law does it: this order decides which of two crashes wins.
    /// </summary>
    public byte[] Force { get; init; } = [];

    /// <summary>
    /// Arguments that are brought to weak head normal form after those of <see cref="Force"/>,
    /// but only where <see cref="Shortcut"/> has no answer without them.
    /// </summary>
    public byte[] Late { get; init; } = [];

    public required JetCode Code { get; init; }

    /// <summary>
    /// Gets the first argument and the last. One that is not named in <see cref="Force"/> may be a
    /// thunk.
    /// </summary>
    public JetShortcut? Shortcut { get; init; }

    /// <summary>What the compiler of laws turns calls of this jet into.</summary>
    public JetControl Control { get; init; }

    /// <summary>The pin hashes that this jet answers to, in base58.</summary>
    public required string[] Hashes { get; init; }
}

/// <summary>Jets that laws use as control flow: their lazy arguments become branches.</summary>
public enum JetControl : byte
{
    None,

    /// <summary><c>(if c t e)</c></summary>
    If,

    /// <summary><c>(ifz c t e)</c></summary>
    Ifz,

    /// <summary><c>(seq a b)</c></summary>
    Seq,

    /// <summary><c>(switch x fallback branches)</c></summary>
    Switch,
}

using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Native code of a jet. Arguments named in <see cref="Jet.Force"/> and <see cref="Jet.Late"/> are
/// in weak head normal form; others may be thunks. The result may be a thunk: it is evaluated as a
/// tail call. Null asks for the law to be run instead.
/// </summary>
public delegate Value? JetCode(Evaluator evaluator, ReadOnlySpan<Value> args);

/// <summary>
/// The part of a jet that is cheap and total on evaluated arguments. It may run in lazy position,
/// because no program can observe that. Null where the answer would not be cheap.
/// </summary>
/// <param name="first">The first argument.</param>
/// <param name="last">The last argument; the first one where there is only one.</param>
public delegate Value? JetShortcut(Value first, Value last);

/// <summary>Native code for a known law. It may change speed, never a result.</summary>
public sealed class Jet
{
    /// <summary>The most arguments that a jet may have: compiled code has stubs for these
    /// numbers. <see cref="JetTable"/> refuses a jet with more.</summary>
    public const int ArityMax = 3;

    /// <summary>The name of the law, as in its nat.</summary>
    public required string Name { get; init; }

    /// <summary>From 1 to <see cref="ArityMax"/>.</summary>
    public required int Arity { get; init; }

    /// <summary>
    /// Arguments, counted from 1, that are brought to weak head normal form before the code runs.
    /// Their order is the law's: it decides which of two crashes wins.
    /// </summary>
    public byte[] Force { get; init; } = [];

    /// <summary>
    /// Arguments that are brought to weak head normal form after those of <see cref="Force"/>,
    /// unless <see cref="Shortcut"/> has an answer without them.
    /// </summary>
    public byte[] Late { get; init; } = [];

    /// <summary>Runs where <see cref="Shortcut"/> has no answer. Runs the law by default.</summary>
    public JetCode Code { get; init; } = static (_, _) => null;

    /// <summary>
    /// A cheap answer, tried before <see cref="Code"/>. It reads the first and the last argument
    /// only, so a jet of three arguments seldom has one. An argument that is not named in
    /// <see cref="Force"/> may be a thunk.
    /// </summary>
    public JetShortcut? Shortcut { get; init; }

    /// <summary>The control flow that a call of this jet is compiled to.</summary>
    public JetControl Control { get; init; }

    /// <summary>The pin hashes that this jet answers to, in base58.</summary>
    public required string[] Hashes { get; init; }
}

/// <summary>Control flow that a jet is compiled to: its lazy arguments become branches.</summary>
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

    /// <summary><c>(and x y) = (if x (bit y) 0)</c></summary>
    And,

    /// <summary><c>(or x y) = (if x 1 (bit y))</c></summary>
    Or,

    /// <summary><c>(nand x y) = (if x (not y) 1)</c></summary>
    Nand,

    /// <summary><c>(nor x y) = (if x 0 (not y))</c></summary>
    Nor,
}

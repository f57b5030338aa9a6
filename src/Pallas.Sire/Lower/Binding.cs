using Pallas.Sire.Errors;
using Pallas.Values;

namespace Pallas.Sire.Lower;

/// <summary>
/// A global: the pin of <c>[key value code location name props]</c>, and its fields.
/// </summary>
/// <remarks>The pin is stored, not rebuilt: it is large, because code contains the bindings that it
/// refers to, and every macro receives it. The code is read at its first use.</remarks>
public sealed class Binding
{
    private readonly Func<Value, Expr> readCode;
    private readonly Value codeNoun;
    private Expr? code;

    internal Binding(Pin noun, Row fields, Func<Value, Expr> readCode)
    {
        this.readCode = readCode;
        Noun = noun;
        Key = Nat.Coerce(fields[0]);
        Value = fields[1];
        codeNoun = fields[2];
        Location = fields[3];
        Properties = fields[5];
    }

    public Pin Noun { get; }

    /// <summary>The number of this binding among all those of its load, from 1.</summary>
    public Nat Key { get; }

    public Value Value { get; }

    /// <summary>The module that made it.</summary>
    public Value Location { get; }

    public Value Properties { get; }

    /// <exception cref="SireFailure">A macro made this binding, and its code is malformed.
    /// </exception>
    internal Expr Code => code ??= readCode(codeNoun);
}

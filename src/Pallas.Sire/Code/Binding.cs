using Pallas.Values;

namespace Pallas.Sire;

/// <summary>
/// A global: the pin of <c>[key value code location name props]</c>, and what it says.
/// </summary>
/// <remarks>The pin is kept: it is large, because code holds the bindings that it refers to, and it
/// is handed to every macro. The code is read when it is first asked for.</remarks>
public sealed class Binding
{
    private readonly BindingTable table;
    private readonly Value codeNoun;
    private Expr? code;

    internal Binding(BindingTable table, Pin noun, Row fields)
    {
        this.table = table;
        Noun = noun;
        Key = Nat.Coerce(fields[0]);
        Value = fields[1];
        codeNoun = fields[2];
        Location = fields[3];
        Name = fields[4];
        Properties = fields[5];
    }

    public Pin Noun { get; }

    /// <summary>The number of this binding among all those of its load, from 1.</summary>
    public Nat Key { get; }

    public Value Value { get; }

    /// <summary>The module that it was made in.</summary>
    public Value Location { get; }

    public Value Name { get; }

    public Value Properties { get; }

    /// <exception cref="SireFailure">A macro made this binding, and its code is malformed.
    /// </exception>
    internal Expr Code => code ??= table.ReadCode(codeNoun);
}

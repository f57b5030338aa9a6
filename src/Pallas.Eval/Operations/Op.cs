using System.Reflection.Emit;

namespace Pallas.Eval;

/// <summary>How large the result of an operation can be, compared with its operands.</summary>
internal enum Growth : byte
{
    /// <summary>At most one bit longer than a word, or than the longest operand.</summary>
    Bounded,

    /// <summary>As long as all operands together.</summary>
    Product,

    /// <summary>As long as the value of an operand, in bits.</summary>
    Power,
}

/// <summary>What an operation reads of its operands.</summary>
internal enum OpKind : byte
{
    /// <summary>Their numbers, or whether they are true.</summary>
    Word,

    /// <summary>Their place in the order of all values.</summary>
    Order,

    /// <summary>The outermost layout of one operand.</summary>
    Layout,

    /// <summary>An item of a row at an index.</summary>
    Item,
}

/// <summary>A comparison as a jump.</summary>
internal sealed record Jump(OpCode WhenTrue, OpCode WhenFalse);

/// <summary>
/// An operation that compiled code does in line where its operands are small naturals: a row of
/// <see cref="OpTable"/>.
/// </summary>
internal sealed class Op
{
    private static readonly int[] FirstOnly = [0];

    /// <param name="jets">The jets that the operation does in line: it evaluates operands as they
    /// do. Empty for part of an opcode.</param>
    public Op(params string[] jets)
    {
        Jets = [.. jets.Select(JetTable.All.Find)];
        Order = FirstOnly;
        if (Jets is not [var jet, ..])
            return;
        Name = jet.Name;
        Order = [.. jet.Force.Concat(jet.Late).Select(index => index - 1)];
        IsLate = jet.Late.Length > 0;
    }

    public string Name { get; init; } = "";

    public Jet[] Jets { get; }

    /// <summary>
    /// Indices of the operands that are evaluated, in this order: it decides which of two crashes
    /// wins. An item operation evaluates its index only where there are items.
    /// </summary>
    public int[] Order { get; }

    /// <summary>Whether the second operand of <see cref="Order"/> is evaluated only where the
    /// first one is not 0; the result is 0 otherwise.</summary>
    public bool IsLate { get; }

    public OpKind Kind { get; init; }

    public bool IsOrder => Kind == OpKind.Order;

    public bool IsItem => Kind == OpKind.Item;

    /// <summary>The index of the row among the operands of an item operation.</summary>
    public int RowAt { get; init; }

    /// <summary>Whether programs use the operation on naturals, so that its operands are worth
    /// keeping in registers.</summary>
    public bool TakesNats { get; init; }

    /// <summary>Whether the result is a natural whatever the operands are.</summary>
    public bool GivesNat { get; init; } = true;

    public Growth Growth { get; init; }

    /// <summary>
    /// Whether an operation on evaluated naturals always has a result: no crash, no fault, no
    /// long work.
    /// </summary>
    public bool IsTotal => !IsItem && Growth == Growth.Bounded;

    /// <summary>Whether the operation takes a few instructions on any two words.</summary>
    public bool IsCheapOnWords => !IsItem && Growth != Growth.Power;

    /// <summary>Whether the operation reads only the low 32 bits of its operands.</summary>
    public bool IsOf32Bits { get; init; }

    /// <summary>Emits the fast path. Null for the layout and item operations, which read more than
    /// words.</summary>
    public Action<WordEmitter>? Fast { get; init; }

    /// <summary>Null where the operation is no comparison.</summary>
    public Jump? Jump { get; init; }

    /// <summary>A static method that does the operation on one value: the slow path of part of an
    /// opcode, and the only path of a layout operation without a <see cref="Layout"/>.</summary>
    public Delegate? Slow { get; init; }

    /// <summary>A static method that does the operation where all operands are words and the fast
    /// path fails. Null: the slow path calls the jet.</summary>
    public Delegate? SlowOnWords { get; init; }

    /// <summary>The type that a layout operation tests for.</summary>
    public Type? Layout { get; init; }

    /// <summary>See <see cref="CompiledCode.EagerWords"/>; 0 where there is none.</summary>
    public nint Unboxed { get; init; }

    public override string ToString() => Name;
}

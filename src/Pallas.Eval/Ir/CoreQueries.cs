using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Questions about an expression that several passes ask.</summary>
internal static class CoreQueries
{
    /// <summary>A variable or a constant: it can be copied.</summary>
    public static bool IsAtom(Core core) => core is Core.Const or Core.Var;

    /// <summary>The number of expressions that the law would be written with, functions of calls
    /// included; <see cref="int.MaxValue"/> above a bound.</summary>
    public static int SizeOf(Core core, int max = int.MaxValue)
    {
        var size = 0L;
        var todo = new Stack<Core>([core]);
        while (todo.TryPop(out var next))
        {
            size += next switch
            {
                Core.If or Core.Seq or Core.Operation or Core.JetCall => 2,
                Core.Switch => 4,
                _ => 1,
            };
            if (size > max)
                return int.MaxValue;
            foreach (var part in next.Parts)
                todo.Push(part);
        }
        return (int)size;
    }

    /// <summary>Whether a part of the expression, at any depth, is meant.</summary>
    public static bool Has(Core core, Func<Core, bool> isMeant)
    {
        var todo = new Stack<Core>([core]);
        while (todo.TryPop(out var next))
        {
            if (isMeant(next))
                return true;
            foreach (var part in next.Parts)
                todo.Push(part);
        }
        return false;
    }

    public static bool HasVariable(Core core, int id) =>
        Has(core, part => part is Core.Var variable && variable.Id == id);

    /// <summary>The items of a row that is written out, first to last; null for anything else.
    /// </summary>
    public static Core[]? RowItems(Core core) => core is Core.Const { Value: Row row }
        ? [.. row.ToArray().Select(item => new Core.Const(item))]
        : BuiltRowItems(core);

    /// <summary>The same, but null for a constant.</summary>
    public static Core[]? BuiltRowItems(Core core) =>
        core is Core.Build { Head: Core.Const { Value: Cow cow } } build
            && cow.Arity == build.Args.Length + 1
            ? [.. build.Args.Reverse()]
            : null;

    /// <summary>The operand of a test whether a value is a nat.</summary>
    public static Core? IsNatTest(Core core) =>
        core is Core.Operation test && test.Op == OpTable.IsNat ? test.Args[0] : null;

    /// <summary>The row and the index of an operation that takes an item.</summary>
    public static (Core Row, Core Index)? ItemParts(Core core) =>
        core is Core.Operation { Op: { IsItem: true, RowAt: var row } } item
            ? (item.Args[row], item.Args[1 - row])
            : null;

    /// <summary>The law that a call of another law runs; null for opcodes and for calls of the
    /// law itself.</summary>
    public static LawCode? LawOf(Core core) =>
        core is Core.Call { IsSelfCall: false, Code: { Source: not null } code } ? code : null;
}

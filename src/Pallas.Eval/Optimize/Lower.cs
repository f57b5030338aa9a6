using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Rewrites what the code generator emits as branches.
/// </summary>
/// <remarks>
/// Assumes: all other passes have run, as they look for the forms that this one replaces.
///
/// Gives: no <c>_And</c>, <c>_Or</c>, <c>_Nand</c> or <c>_Nor</c>, no call of the opcode 2, and no
/// variable 0 but as the function of a call. An operation without a jet and a branch without a
/// pin are made here only, but for the opcode 3.
///
/// Example: <c>(_And x y)</c> becomes <c>(if x (bit y) 0)</c>.
/// </remarks>
internal sealed class Lower
{
    private static readonly Core Zero = new Core.Const(Nat.Zero);
    private static readonly Core One = new Core.Const(Nat.One);

    private readonly CoreBuilder build;
    private readonly Core self;

    private Lower(CoreBuilder build) =>
        (this.build, self) = (build, new Core.Const(build.Self!.Self));

    public static Core Run(Core core, CoreBuilder build) => new Lower(build).Visit(core);

    private Core Visit(Core core)
    {
        if (core is Core.Var { Id: 0 })
            return self;
        if (core is Core.Call { IsSelfCall: true } call)
            return call with { Args = [.. call.Args.Select(Visit)] };
        core = build.Map(core, Visit);
        return core switch
        {
            Core.Call { Target.Function: SmallNat { Word: Opcode.Case } } choice =>
                VisitCase(choice.Args),
            Core.JetCall { Jet.Control: var control, Args: [var x, var y] } => control switch
            {
                JetControl.And => Branch(x, Bit(y), Zero),
                JetControl.Or => Branch(x, One, Bit(y)),
                JetControl.Nand => Branch(x, Not(y), One),
                JetControl.Nor => Branch(x, Zero, Not(y)),
                _ => core,
            },
            _ => core,
        };
    }

    /// <summary><c>(2 z p x) = (if x (p (dec x)) z)</c></summary>
    private Core VisitCase(Core[] args)
    {
        var number = new Core.Var(build.NewVariable());
        var less = new Core.Operation(OpTable.Dec, null, null, [number]);
        var branch = Branch(number, build.Apply(args[1], [less]), args[0]);
        return new Core.Let(number.Id, args[2], branch);
    }

    private static Core.If Branch(Core condition, Core then, Core otherwise) =>
        new(null, condition, then, otherwise, IsZeroTest: false);

    private static Core.Operation Bit(Core core) => new(OpTable.Bit, null, null, [core]);

    private static Core.Operation Not(Core core) => new(OpTable.Not, null, null, [core]);
}

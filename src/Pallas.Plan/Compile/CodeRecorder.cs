using System.Reflection;
using System.Reflection.Emit;

namespace Pallas.Plan;

/// <summary>
/// Takes the instructions of a method down, as an <see cref="ILGenerator"/> does, so that they can
/// be looked at as a whole and written more than once: see <see cref="MethodWriter"/>.
/// </summary>
/// <remarks>
/// Whoever emits code keeps to this: a value that is needed after a call stands in a local, so
/// that nothing is on the stack around a call but its arguments and its result; the result of a
/// call that <see cref="UnwindsAttribute"/> marks, or of a method of the batch, goes to a local at
/// once or is returned; and the arguments of the method are read before its first call.
/// </remarks>
internal sealed class CodeRecorder(ILGenerator il)
{
    private readonly List<Instruction> code = [];
    private readonly List<LocalBuilder> locals = [];
    private readonly List<Label> labels = [];

    public IReadOnlyList<Instruction> Code => code;

    public IReadOnlyList<LocalBuilder> Locals => locals;

    public IReadOnlyList<Label> Labels => labels;

    public LocalBuilder DeclareLocal(Type type)
    {
        var local = il.DeclareLocal(type);
        locals.Add(local);
        return local;
    }

    public Label DefineLabel()
    {
        var label = il.DefineLabel();
        labels.Add(label);
        return label;
    }

    public void MarkLabel(Label label) =>
        code.Add(new Instruction { Kind = OperandKind.Mark, Operand = label });

    public void Emit(OpCode op) => Add(op, OperandKind.None, null);

    public void Emit(OpCode op, short number) => Add(op, OperandKind.Short, null, number);

    public void Emit(OpCode op, int number) => Add(op, OperandKind.Int, null, number);

    public void Emit(OpCode op, long number) => Add(op, OperandKind.Long, null, number);

    public void Emit(OpCode op, Label label) => Add(op, OperandKind.Label, label);

    public void Emit(OpCode op, Label[] labels) => Add(op, OperandKind.Labels, labels);

    public void Emit(OpCode op, LocalBuilder local) => Add(op, OperandKind.Local, local);

    public void Emit(OpCode op, MethodInfo method) => Add(op, OperandKind.Method, method);

    /// <summary>A call of a method of another batch; its address is on the stack.</summary>
    public void Emit(OpCode op, FarMethod method) => Add(op, OperandKind.Far, method);

    public void Emit(OpCode op, ConstructorInfo made) => Add(op, OperandKind.Constructor, made);

    public void Emit(OpCode op, FieldInfo field) => Add(op, OperandKind.Field, field);

    public void Emit(OpCode op, Type type) => Add(op, OperandKind.Type, type);

    private void Add(OpCode op, OperandKind kind, object? operand, long number = 0) =>
        code.Add(new Instruction { Op = op, Kind = kind, Operand = operand, Number = number });
}

internal enum OperandKind : byte
{
    None, Short, Int, Long, Label, Labels, Local, Method, Far, Constructor, Field, Type,

    /// <summary>No instruction: the place of a label.</summary>
    Mark,
}

/// <summary>An instruction of a method that is being compiled.</summary>
internal readonly struct Instruction
{
    public OpCode Op { get; init; }

    public OperandKind Kind { get; init; }

    public object? Operand { get; init; }

    public long Number { get; init; }

    public bool IsLoad => Kind == OperandKind.Local && Op == OpCodes.Ldloc;

    public bool IsStore => Kind == OperandKind.Local && Op == OpCodes.Stloc;

    /// <summary>Whether the next instruction never follows this one.</summary>
    public bool IsEnd => Kind != OperandKind.Mark
        && Op.FlowControl is FlowControl.Branch or FlowControl.Return or FlowControl.Throw;

    public bool IsJump => Kind is OperandKind.Label or OperandKind.Labels;
}

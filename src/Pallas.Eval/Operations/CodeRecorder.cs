using System.Reflection;
using System.Reflection.Emit;

namespace Pallas.Eval;

/// <summary>
/// Records the instructions of a method, so that <see cref="MethodWriter"/> can analyze them as a
/// whole and write them twice.
/// </summary>
/// <remarks>
/// Every emitter keeps three rules. A value that is needed after a call is in a local: around a
/// call, the stack holds nothing but its arguments and its result. The result of a call that may
/// spill goes to a local at once, or is returned. The arguments of the method are read before its
/// first call.
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

    public CodeRecorder Mark(Label label) => Add(default, OperandKind.Mark, label);

    public CodeRecorder MarkLabel(Label label) => Mark(label);

    public CodeRecorder Load(LocalBuilder local) => Emit(OpCodes.Ldloc, local);

    public CodeRecorder LoadOrNull(LocalBuilder? local) =>
        local is null ? Emit(OpCodes.Ldnull) : Load(local);

    public CodeRecorder Store(LocalBuilder local) => Emit(OpCodes.Stloc, local);

    public CodeRecorder Jump(Label label) => Emit(OpCodes.Br, label);

    public CodeRecorder Emit(OpCode op) => Add(op, OperandKind.None, null);

    public CodeRecorder Emit(OpCode op, short number) => Add(op, OperandKind.Short, null, number);

    public CodeRecorder Emit(OpCode op, int number) => Add(op, OperandKind.Int, null, number);

    public CodeRecorder Emit(OpCode op, long number) => Add(op, OperandKind.Long, null, number);

    public CodeRecorder Emit(OpCode op, Label label) => Add(op, OperandKind.Label, label);

    public CodeRecorder Emit(OpCode op, Label[] labels) => Add(op, OperandKind.Labels, labels);

    public CodeRecorder Emit(OpCode op, LocalBuilder local) => Add(op, OperandKind.Local, local);

    public CodeRecorder Emit(OpCode op, MethodInfo method) => Add(op, OperandKind.Method, method);

    public CodeRecorder Call(MethodInfo method) => Emit(OpCodes.Call, method);

    /// <summary>A call of a static method, which must not be an overloaded one.</summary>
    public CodeRecorder Call(Delegate method) => Emit(OpCodes.Call, method.Method);

    /// <summary>A call of a method of another batch. Its address is on the stack.</summary>
    public CodeRecorder Emit(OpCode op, FarMethod method) => Add(op, OperandKind.Far, method);

    public CodeRecorder Emit(OpCode op, ConstructorInfo constructor) =>
        Add(op, OperandKind.Constructor, constructor);

    public CodeRecorder Emit(OpCode op, FieldInfo field) => Add(op, OperandKind.Field, field);

    public CodeRecorder Emit(OpCode op, Type type) => Add(op, OperandKind.Type, type);

    private CodeRecorder Add(OpCode op, OperandKind kind, object? operand, long number = 0)
    {
        code.Add(new Instruction { Op = op, Kind = kind, Operand = operand, Number = number });
        return this;
    }
}

internal enum OperandKind : byte
{
    None, Short, Int, Long, Label, Labels, Local, Method, Far, Constructor, Field, Type,

    /// <summary>The position of a label; no instruction.</summary>
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

    /// <summary>Whether control never continues with the next instruction.</summary>
    public bool IsEnd => Kind != OperandKind.Mark
        && Op.FlowControl is FlowControl.Branch or FlowControl.Return or FlowControl.Throw;

    public bool IsJump => Kind is OperandKind.Label or OperandKind.Labels;
}

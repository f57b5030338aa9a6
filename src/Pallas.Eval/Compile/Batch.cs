using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Laws that are compiled together, into one collectible assembly of one class.</summary>
/// <remarks>
/// Constants are fields of the single instance of the class, which every method has in its first
/// register. A static field of a collectible assembly would cost a look-up. The instance keeps the
/// code alive, and laws keep the instance alive.
/// </remarks>
internal sealed class Batch
{
    private const string AssemblyName = "Pallas.Compiled";

    public const string TypeName = "Laws";

    private readonly TypeBuilder type;
    private readonly Dictionary<LawCode, LawMethods> laws = [];
    private readonly List<(FieldBuilder Field, object Value)> constants = [];
    private readonly Dictionary<object, FieldBuilder> fieldOf =
        new(ReferenceEqualityComparer.Instance);
    private readonly List<(ThunkCode Code, MethodBuilder Method)> thunks = [];
    private readonly Dictionary<LawCode, ThunkCode> callThunks = [];
    private readonly Dictionary<Jet, JetStub> jetStubs = [];
    private readonly List<ResumeMethod> resumed = [];
    private readonly List<CompiledPoint> points = [];
    private readonly Queue<Action> todo = new();

    private Batch()
    {
        var assembly = AssemblyBuilder.DefineDynamicAssembly(
            new AssemblyName(AssemblyName), AssemblyBuilderAccess.RunAndCollect);
        foreach (var access in Members.InternalAccess)
            assembly.SetCustomAttribute(access);
        type = assembly.DefineDynamicModule(AssemblyName)
            .DefineType(TypeName, TypeAttributes.Public | TypeAttributes.Sealed);
    }

    /// <summary>Compiles laws and gives each its code.</summary>
    /// <param name="cache">Counts the batch as long as its code is in use.</param>
    public static void Compile(IReadOnlyList<LawCode> codes, CodeCache cache)
    {
        var batch = new Batch();
        foreach (var code in codes)
            batch.laws[code] = batch.Define(code);
        foreach (var methods in batch.laws.Values)
            LawEmitter.Emit(batch, methods);
        while (batch.todo.TryDequeue(out var emit))
            emit();
        batch.Publish(cache);
    }

    /// <summary>Filled when the batch is published.</summary>
    public PointTable Points { get; } = new();

    public int PointCount => points.Count;

    public void AddPoint(CompiledPoint point) => points.Add(point);

    /// <summary>Defines the method in which spilled frames of another one resume.</summary>
    public ResumeMethod DefineResume(MethodBuilder method)
    {
        var made = DefineMethod(
            $"resume{resumed.Count}-{method.Name}", method.ReturnType,
            [typeof(int), typeof(Value), typeof(ulong)]);
        var point = new ResumeMethod(made, LawStack.LawOf(method.Name));
        resumed.Add(point);
        return point;
    }

    /// <summary>The methods to call a law by; null where the law has no machine code yet.</summary>
    public Callee? Find(LawCode code)
    {
        if (laws.TryGetValue(code, out var methods))
            return new Callee(methods);
        return code is { Source: not null, Compiled: { Generic: not 0 } compiled }
            ? new Callee(LawFacts.Of(code), compiled)
            : null;
    }

    /// <summary>The field of a constant.</summary>
    public FieldInfo Constant(object value)
    {
        if (!fieldOf.TryGetValue(value, out var field))
        {
            var fieldType = value is Value ? typeof(Value)
                : value.GetType().Assembly.IsDynamic ? typeof(object)
                : value.GetType();
            field = type.DefineField($"c{constants.Count}", fieldType, FieldAttributes.Public);
            fieldOf[value] = field;
            constants.Add((field, value));
        }
        return field;
    }

    public JetStub StubOf(Jet jet, Pin pin)
    {
        if (!jetStubs.TryGetValue(jet, out var stub))
            jetStubs[jet] = stub = new JetStub(jet, pin);
        return stub;
    }

    public ThunkCode CallThunk(LawCode code)
    {
        if (!callThunks.TryGetValue(code, out var thunk))
            callThunks[code] = thunk = ThunkCode.Calling(code);
        return thunk;
    }

    /// <summary>Defines the code of a thunk. Its body is emitted after those of the laws.</summary>
    /// <param name="law">The law that allocates the thunk.</param>
    /// <param name="places">As <see cref="Suspension.Places"/>.</param>
    /// <param name="build">Builds the body for the interpreter.</param>
    /// <param name="emit">Emits the method.</param>
    public ThunkCode DefineThunk(
        LawCode law, int count, int[]? places, Func<(Node Body, int Reach)> build,
        Action<MethodBuilder> emit)
    {
        var code = new ThunkCode(count, build, places);
        Type[] captured = code.Form switch
        {
            <= Thunk.FieldsCount => [.. Enumerable.Repeat(typeof(Value), count)],
            ThunkCode.FormOfWords =>
                [typeof(object), typeof(Value), typeof(ulong), typeof(ulong)],
            _ => [typeof(Value[])],
        };
        var method = DefineMethod(
            LawStack.MethodName($"thunk{thunks.Count}", law), typeof(Value), captured);
        thunks.Add((code, method));
        todo.Enqueue(() => emit(method));
        return code;
    }

    private LawMethods Define(LawCode code)
    {
        var facts = LawFacts.Of(code);
        string Name(string kind) => LawStack.MethodName($"law{laws.Count}{kind}", code);
        var values = Enumerable.Repeat(typeof(Value), code.Arity).ToArray();
        var isWorker = facts.HasWords || facts.ReturnsNat;
        var isEager = code.Arity <= CompiledCode.ArgsMax && SpeculationEmitter.IsEager(facts.Body!);
        return new LawMethods
        {
            Code = code,
            Facts = facts,
            Generic = DefineMethod(Name(""), typeof(Value), values),
            Worker = isWorker
                ? DefineMethod(
                    Name("w"),
                    LawMethods.WorkerResult(facts), LawMethods.WorkerArgs(facts))
                : null,
            Eager = isEager ? DefineMethod(Name("e"), typeof(Value), values) : null,
            EagerWords = isEager && SpeculationEmitter.IsEagerOnWords(facts.Body!)
                ? DefineMethod(
                    Name("f"), typeof(Result),
                    [.. Enumerable.Repeat(typeof(ulong), code.Arity)])
                : null,
            Spread = code.Arity > CompiledCode.ArgsMax
                ? DefineMethod(Name("a"), typeof(Value), [typeof(Value[])])
                : null,
        };
    }

    private MethodBuilder DefineMethod(string name, Type result, Type[] args)
    {
        var method = type.DefineMethod(
            name, MethodAttributes.Public, result, [typeof(Evaluator), .. args]);
        method.SetImplementationFlags(MethodImplAttributes.AggressiveOptimization);
        method.InitLocals = false;
        return method;
    }

    private void Publish(CodeCache cache)
    {
        var target = RuntimeHelpers.GetUninitializedObject(type.CreateType());
        cache.Add(target);
        Points.Points = [.. points];
        foreach (var method in resumed)
            method.Target = target;
        foreach (var (field, value) in constants)
            Members.SetField(target, field, value);
        nint entryOf(MethodBuilder? method) =>
            method is null ? 0 : Members.AddressOf(target, method);
        foreach (var (code, method) in thunks)
            code.Compiled = new CompiledCode(target, entryOf(method));
        PublishLaws(target, entryOf);

        // A thunk that calls a law with machine code enters that code directly.
        foreach (var (code, thunk) in callThunks)
        {
            if (code.Compiled is { } compiled
                && code.Arity is <= Thunk.FieldsCount or > CompiledCode.ArgsMax)
            {
                thunk.Compiled = compiled;
            }
        }
    }

    private void PublishLaws(object target, Func<MethodBuilder?, nint> entryOf)
    {
        foreach (var methods in laws.Values)
        {
            methods.Code.Compiled =
                new CompiledCode(target, entryOf(methods.Spread ?? methods.Generic))
                {
                    Eager = entryOf(methods.Eager),
                    EagerWords = entryOf(methods.EagerWords),
                    Generic = entryOf(methods.Generic),
                    Worker = entryOf(methods.Worker),
                    First = methods.Facts.StrictArgs.FirstOrDefault(),
                };
        }
    }
}

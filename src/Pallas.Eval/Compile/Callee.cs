using System.Reflection.Emit;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>A law that compiled code calls: by its methods in the same batch, or by the addresses
/// of its methods in an earlier one.</summary>
internal sealed class Callee
{
    public Callee(LawMethods methods)
    {
        Facts = methods.Facts;
        Generic = methods.Generic;
        Worker = methods.Worker;
    }

    public Callee(LawFacts facts, CompiledCode compiled)
    {
        Facts = facts;
        Target = compiled.Target;
        var values = Enumerable.Repeat(typeof(Value), facts.IsWord.Length).ToArray();
        Generic = new FarMethod(compiled.Generic, typeof(Value), values);
        Worker = compiled.Worker == 0
            ? null
            : new FarMethod(compiled.Worker, LawMethods.WorkerResult(facts),
                LawMethods.WorkerArgs(facts));
    }

    public LawFacts Facts { get; }

    /// <summary>The instance of the other batch; null in the same batch.</summary>
    public object? Target { get; }

    /// <summary>A <see cref="MethodBuilder"/> or a <see cref="FarMethod"/>.</summary>
    public object Generic { get; }

    public object? Worker { get; }
}

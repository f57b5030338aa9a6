namespace Pallas.Eval;

/// <summary>A method of another batch.</summary>
internal sealed class FarMethod(nint entry, Type result, Type[] args)
{
    public nint Entry => entry;

    public Type Result => result;

    /// <summary>The types of the arguments after the target.</summary>
    public Type[] Args { get; } = [typeof(Evaluator), .. args];
}

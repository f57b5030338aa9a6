namespace Pallas.Eval;

/// <summary>A rewriting of the body of a law that keeps what the law does.</summary>
/// <param name="Name">As a listing of the stages shows it.</param>
internal sealed record CorePass(string Name, Func<Core, CoreBuilder, Core> Run);

/// <summary>Receives the Core before and after a pass.</summary>
internal delegate void CoreObserver(string pass, Core before, Core after);

/// <summary>The passes that the compiler runs on the body of a law, in order.</summary>
/// <remarks>
/// The code generator and the interpreter's node builder read the result: the code of a thunk and
/// the nodes that the interpreter runs for the same thunk come from one expression.
/// </remarks>
internal static class CorePasses
{
    public static readonly CorePass[] All =
    [
        new("inline", Inline.Run),
        new("specialize", Specialize.Run),
        new("float lets", FloatLets.Run),
        new("lower", Lower.Run),
    ];

    /// <param name="build">Of the law whose body it is.</param>
    public static Core Run(Core core, CoreBuilder build, CoreObserver? observer = null)
    {
        foreach (var pass in All)
        {
            var before = core;
            core = pass.Run(core, build);
            observer?.Invoke(pass.Name, before, core);
        }
        return core;
    }
}

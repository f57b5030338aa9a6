using System.Reflection.Emit;

namespace Pallas.Eval;

/// <summary>
/// The second version of a method, in which spilled frames of the first one resume: the same body,
/// entered through a jump to the instruction after the call that the frame waits for. It takes the
/// number of that call and the call's value. The JIT compiles it when the first such frame resumes.
/// </summary>
internal sealed class ResumeMethod(MethodBuilder method, string? lawName)
{
    private nint entry;

    public MethodBuilder Method => method;

    public string? LawName => lawName;

    public bool ReturnsResult => method.ReturnType == typeof(Result);

    /// <summary>The instance of the batch's class, once the class is created.</summary>
    public object? Target { get; set; }

    public nint Entry => entry != 0 ? entry : entry = Members.AddressOf(Target!, method);
}

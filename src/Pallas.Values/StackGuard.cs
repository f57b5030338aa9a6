using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Pallas.Values;

/// <summary>
/// Lets natural recursion over user data go as deep as memory allows: a recursive method asks
/// <see cref="HasRoom"/> and where there is none goes on with <see cref="OnFreshStack{T}"/>.
/// </summary>
/// <remarks>
/// A .NET stack overflow ends the process, so every method that recurses over user data asks.
/// The check costs some 4 ns. Call <see cref="OnFreshStack{T}"/> from a method of its own: its
/// lambda would make the caller allocate on every call, and a collection walks the whole stack.
/// Depth is bounded by <see cref="HopsMax"/> stacks; past that it is
/// a machine fault.
/// </remarks>
public static class StackGuard
{
    private const int StackBytes = 64 << 20;
    private const int HopsMax = 64;

    [ThreadStatic]
    private static int hops;

    [ThreadStatic]
    private static nuint low;

    /// <summary>
    /// Above this address compiled code may use the stack of this thread; what is below is for
    /// everything that it calls.
    /// </summary>
    internal static nuint Low => low != 0 ? low : low = NativeStack.FindLow();

    public static bool HasRoom => RuntimeHelpers.TryEnsureSufficientExecutionStack();

    public static T OnFreshStack<T>(Func<T> action)
    {
        if (hops >= HopsMax)
            throw new MachineFault(FaultKind.Depth, "the value is nested too deeply");
        var depth = hops + 1;
        var result = default(T)!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                hops = depth;
                try
                {
                    result = action();
                }
                catch (Exception exception)
                {
                    failure = ExceptionDispatchInfo.Capture(exception);
                }
            },
            StackBytes);
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }
}

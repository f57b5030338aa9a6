using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pallas.Tests.Cli;

/// <summary>Lets the programs that tests start be interrupted, however the tests were started.
/// </summary>
/// <remarks>
/// A shell that starts the tests in the background has them ignore the signal of Ctrl-C, and
/// programs pass on to those that they start what they ignore.
/// </remarks>
internal static partial class Interruptible
{
    private const int Interrupt = 2;
    private const nint Default = 0;
    private const nint Ignore = 1;

    [ModuleInitializer]
    internal static void Set()
    {
        if (OperatingSystem.IsWindows())
            return;
        var before = signal(Interrupt, Default);
        if (before != Ignore)
            signal(Interrupt, before);
    }

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);
}

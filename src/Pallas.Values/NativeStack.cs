using System.Runtime.InteropServices;

namespace Pallas.Values;

/// <summary>Where the native stack of a thread ends.</summary>
/// <remarks>
/// .NET does not tell. Linux does; elsewhere compiled code makes do with a small part of the stack,
/// which every thread has at least.
/// </remarks>
internal static unsafe partial class NativeStack
{
    private const int ReserveBytes = 384 << 10;
    private const int UnknownBytes = 96 << 10;
    private const int AttributesBytes = 256;

    /// <summary>The end of the stack of this thread and a reserve above it.</summary>
    public static nuint FindLow()
    {
        int probe;
        var here = (nuint)(&probe);
        var (start, size) = OperatingSystem.IsLinux() ? FindOnLinux() : default;
        return start == 0 || here < start || here - start > size
            ? here - UnknownBytes
            : start + ReserveBytes;
    }

    private static (nuint Start, nuint Size) FindOnLinux()
    {
        var attributes = stackalloc byte[AttributesBytes];
        try
        {
            if (pthread_getattr_np(pthread_self(), attributes) != 0)
                return default;
            var found = pthread_attr_getstack(attributes, out var start, out var size);
            return pthread_attr_destroy(attributes) == 0 && found == 0 ? (start, size) : default;
        }
        catch (Exception exception) when (exception is DllNotFoundException
            or EntryPointNotFoundException)
        {
            return default;
        }
    }

    [LibraryImport("libc")]
    private static partial nint pthread_self();

    [LibraryImport("libc")]
    private static partial int pthread_getattr_np(nint thread, byte* attributes);

    [LibraryImport("libc")]
    private static partial int pthread_attr_getstack(
        byte* attributes, out nuint start, out nuint size);

    [LibraryImport("libc")]
    private static partial int pthread_attr_destroy(byte* attributes);
}

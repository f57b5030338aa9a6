using System.Diagnostics;
using System.Globalization;
using Pallas.Values;

namespace Pallas.Store.Folder;

/// <summary>
/// Keeps a second opener out of a machine's folder, in this process and in others.
/// </summary>
/// <remarks>
/// It is the operating system's lock on an open file, so it ends with the process that holds it. A
/// second file names the holder, for messages only. A killed process leaves that file behind, so
/// the name is used only if such a process runs.
/// </remarks>
internal sealed class FolderLock : IDisposable
{
    public const string LockName = "lock";
    public const string HolderName = "holder";

    private const string Unnamed = "another process";

    /// <summary>The error codes for a file that another process has locked: Linux, macOS, Windows.
    /// </summary>
    private static readonly int[] HeldCodes = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream file;
    private readonly string holderPath;

    private FolderLock(FileStream file, string holderPath)
    {
        this.file = file;
        this.holderPath = holderPath;
    }

    /// <exception cref="StoreError"><see cref="StoreErrorKind.Held"/> or
    /// <see cref="StoreErrorKind.Denied"/>.</exception>
    public static FolderLock Take(string folder)
    {
        var path = Path.Combine(folder, LockName);
        var holderPath = Path.Combine(folder, HolderName);
        try
        {
            var file = new FileStream(
                path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new FolderLock(file, holderPath);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new StoreError(StoreErrorKind.Denied, $"no access to {path}", error);
        }
        catch (IOException error) when (IsHeldElsewhere(error))
        {
            throw new StoreError(
                StoreErrorKind.Held, $"{folder} is in use by {ReadHolder(holderPath)}", error);
        }
        catch (IOException error)
        {
            throw StoreError.OfWriting(path, error);
        }
    }

    public bool IsHeld => !file.SafeFileHandle.IsClosed;

    /// <summary>Names this process as the holder.</summary>
    public void NameHolder()
    {
        Invariant.Check(IsHeld, "the holder of a folder has its lock");
        using var process = Process.GetCurrentProcess();
        var started = process.StartTime.ToUniversalTime();
        var text = string.Create(
            CultureInfo.InvariantCulture, $"process {process.Id}, started {started:u}\n");
        StoreError.WhileWriting(holderPath, () => File.WriteAllText(holderPath, text));
    }

    /// <summary>The number of the lock file, which no other file of its file system has.</summary>
    public ulong Number()
    {
        Invariant.Check(IsHeld, "the lock file is open while its number is read");
        const string Label = "ino:";
        var info = $"/proc/self/fdinfo/{file.SafeFileHandle.DangerousGetHandle()}";
        var line = File.Exists(info)
            ? File.ReadLines(info).FirstOrDefault(
                line => line.StartsWith(Label, StringComparison.Ordinal))
            : null;
        return line is null
            ? (ulong)File.GetCreationTimeUtc(file.Name).Ticks
            : ulong.Parse(line.AsSpan(Label.Length).Trim(), CultureInfo.InvariantCulture);
    }

    public void Dispose() => file.Dispose();

    private static bool IsHeldElsewhere(IOException error) => HeldCodes.Contains(error.HResult);

    private static string ReadHolder(string path)
    {
        try
        {
            var holder = File.ReadLines(path).FirstOrDefault("");
            var parts = holder.Split(' ', ',');
            if (parts is not ["process", var id, ..])
                return Unnamed;
            using var process = Process.GetProcessById(
                int.Parse(id, NumberStyles.None, CultureInfo.InvariantCulture));
            return holder;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException
            or ArgumentException or FormatException or OverflowException)
        {
            return Unnamed;
        }
    }
}

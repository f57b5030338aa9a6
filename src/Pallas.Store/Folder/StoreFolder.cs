using System.Globalization;
using System.Text;
using Pallas.Store.Backends;
using Pallas.Store.Log;
using Pallas.Values;

namespace Pallas.Store.Folder;

/// <summary>The folder of one machine, locked by this process.</summary>
/// <remarks>
/// It holds <c>pallas-machine</c>, which names the format and is written last when a machine is
/// made; <c>lock</c>; <c>holder</c>, which names the process that has the lock; and the folder of a
/// backend (<see cref="StoreBackends"/>). Opening changes nothing before
/// <see cref="BeginWriting"/>.
/// </remarks>
public sealed class StoreFolder : IDisposable
{
    /// <summary>The format that this version writes. It reads this and all earlier ones.</summary>
    public const int FormatNumber = 2;

    private const string MarkerName = "pallas-machine";
    private const string NewMarkerName = "pallas-machine.new";
    private const string MarkerPrefix = "pallas machine, format ";

    private readonly FolderLock folderLock;
    private readonly IStore store;
    private readonly int formatNumber;

    private StoreFolder(
        string path, FolderLock folderLock, IStore store, MachineStore opened, int formatNumber)
    {
        Path = path;
        this.store = store;
        Identity = StoreIdentity.Read(store);
        this.folderLock = folderLock;
        this.formatNumber = formatNumber;
        Store = opened;
    }

    public string Path { get; }

    public MachineStore Store { get; }

    /// <summary>Null if an earlier version made the folder and this one has not written to it.
    /// </summary>
    public StoreIdentity? Identity { get; private set; }

    /// <summary>Makes a machine's folder with its first state. The path must be free, or an empty
    /// folder.</summary>
    /// <param name="fillRandom">Fills a buffer with random bytes.</param>
    /// <exception cref="StoreError"><see cref="StoreErrorKind.Occupied"/> and others.</exception>
    public static void Create(string path, Pin root, Action<byte[]> fillRandom) => Create(
        path,
        store => MachineStore.Initialize(store, root),
        (_, home) => StoreIdentity.New(fillRandom, home));

    /// <summary>Makes a machine's folder from the data that a function writes.</summary>
    /// <param name="identify">Returns the identity for the one that was written, and the home.
    /// </param>
    /// <exception cref="StoreError"><see cref="StoreErrorKind.Occupied"/> and others, with those
    /// that <paramref name="fill"/> throws. Nothing is left of the folder then.</exception>
    public static void Create(
        string path, Action<IStore> fill, Func<StoreIdentity?, ulong, StoreIdentity> identify)
    {
        path = System.IO.Path.GetFullPath(path);
        StoreError.WhileWriting(path, () =>
        {
            RefuseToOverwrite(path);
            var wasThere = Directory.Exists(path);
            Directory.CreateDirectory(path);
            using var folderLock = FolderLock.Take(path);
            // Another process may have made a machine before the lock was taken.
            if (Directory.EnumerateFileSystemEntries(path).Count() > 1)
                RefuseToOverwrite(path);
            try
            {
                Make(path, folderLock, fill, identify);
            }
            catch
            {
                Clear(path, wasThere);
                throw;
            }
        });
    }

    private static void Make(
        string path, FolderLock folderLock, Action<IStore> fill,
        Func<StoreIdentity?, ulong, StoreIdentity> identify)
    {
        folderLock.NameHolder();
        var backend = StoreBackends.All[0];
        using (var store = backend.Create(backend.PathIn(path)))
        {
            fill(store);
            Invariant.Check(!EventLog.IsEmpty(store), "a machine that was made has a log");
            identify(StoreIdentity.Read(store), folderLock.Number()).Save(store);
        }
        WriteMarker(path);
    }

    /// <summary>Deletes the files of a machine whose making failed.</summary>
    private static void Clear(string path, bool wasThere)
    {
        try
        {
            if (!wasThere)
            {
                Directory.Delete(path, recursive: true);
                return;
            }
            if (StoreBackends.In(path) is { } backend)
                Directory.Delete(backend.PathIn(path), recursive: true);
            foreach (var file in Directory.EnumerateFiles(path))
                File.Delete(file);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            // The first error is the one to report.
        }
    }

    /// <summary>Opens a machine's folder and locks it.</summary>
    /// <exception cref="StoreError">There is no machine that can be opened.</exception>
    /// <param name="cacheBytesMax">The memory for loaded parts of the state.</param>
    public static StoreFolder Open(string path, long? cacheBytesMax = null)
    {
        path = System.IO.Path.GetFullPath(path);
        var formatNumber = CheckMarker(path);
        var folderLock = FolderLock.Take(path);
        IStore? store = null;
        try
        {
            var backend = StoreBackends.In(path)
                ?? throw StoreError.Damaged($"{StoreBackends.All[0].PathIn(path)} is missing");
            store = backend.Open(backend.PathIn(path));
            return new StoreFolder(
                path, folderLock, store, MachineStore.Open(store, cacheBytesMax), formatNumber);
        }
        catch
        {
            store?.Dispose();
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Makes commits possible, and raises the format to this version's.</summary>
    /// <param name="fillRandom">Fills a buffer with random bytes, for a machine of a format without
    /// identities.</param>
    /// <exception cref="StoreError">The disk is full, or the folder cannot be written.</exception>
    public void BeginWriting(Action<byte[]> fillRandom) => Begin(
        fillRandom,
        identity => identity.Home == folderLock.Number()
            ? identity
            : throw new StoreError(
                StoreErrorKind.Copied,
                $"{Path} is a copy of machine {identity}\nhint: if the original no longer runs, "
                    + "pallas adopt makes the copy its next life; pallas adopt --new makes it a "
                    + "machine of its own"));

    /// <summary>Makes commits possible in a folder that may be a copy, as the next life of its
    /// machine or as another machine.</summary>
    /// <exception cref="StoreError">The disk is full, or the folder cannot be written.</exception>
    public void BeginNextLife(bool asNew, Action<byte[]> fillRandom) => Begin(
        fillRandom,
        identity => asNew
            ? StoreIdentity.New(fillRandom, folderLock.Number())
            : identity.Next(folderLock.Number()));

    /// <summary>
    /// Unlocks a folder that was only read. Parts of the state can still be loaded from it.
    /// </summary>
    public void Unlock() => folderLock.Dispose();

    public void Dispose()
    {
        Store.Dispose();
        folderLock.Dispose();
    }

    /// <summary>Throws unless the path is free, or an empty folder.</summary>
    /// <exception cref="StoreError"><see cref="StoreErrorKind.Occupied"/>.</exception>
    public static void RefuseToOverwrite(string path)
    {
        if (File.Exists(path))
            throw new StoreError(StoreErrorKind.Occupied, $"{path} is a file");
        if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) is { } parent
            && File.Exists(System.IO.Path.Combine(parent, MarkerName)))
        {
            throw new StoreError(
                StoreErrorKind.Occupied, $"{parent} is a machine and cannot hold another");
        }
        if (!Directory.Exists(path) || !Directory.EnumerateFileSystemEntries(path).Any())
            return;
        throw new StoreError(
            StoreErrorKind.Occupied,
            File.Exists(System.IO.Path.Combine(path, MarkerName))
                ? $"{path} is already a machine"
                : $"{path} is not empty");
    }

    /// <param name="identify">Returns the identity from here on.</param>
    private void Begin(Action<byte[]> fillRandom, Func<StoreIdentity, StoreIdentity> identify)
    {
        Invariant.Check(folderLock.IsHeld, "the folder is locked while it is written");
        Invariant.Check(formatNumber is >= 1 and <= FormatNumber, "the format is known");
        var identity = Identity is { } known
            ? identify(known)
            : StoreIdentity.New(fillRandom, folderLock.Number());
        Invariant.Check(identity.Home == folderLock.Number(), "a machine that writes is at home");
        folderLock.NameHolder();
        // The marker changes before any data that an earlier version does not understand.
        if (formatNumber < FormatNumber)
            StoreError.WhileWriting(Path, () => WriteMarker(Path));
        Store.BeginWriting();
        if (identity != Identity)
            identity.Save(store);
        Identity = identity;
    }

    /// <summary>Writes a file of another name and renames it, so that the marker is never partial.
    /// </summary>
    private static void WriteMarker(string folder)
    {
        var path = System.IO.Path.Combine(folder, NewMarkerName);
        using (var file = new FileStream(path, FileMode.Create, FileAccess.Write))
        {
            file.Write(Encoding.UTF8.GetBytes($"{MarkerPrefix}{FormatNumber}\n"));
            file.Flush(flushToDisk: true);
        }
        File.Move(path, System.IO.Path.Combine(folder, MarkerName), overwrite: true);
    }

    /// <returns>The format of the folder.</returns>
    private static int CheckMarker(string path)
    {
        if (File.Exists(path))
            throw new StoreError(
                StoreErrorKind.NotOurs, $"{path} is a file; a machine is a folder");
        if (!Directory.Exists(path))
            throw new StoreError(StoreErrorKind.Missing, $"{path} does not exist");
        var markerPath = System.IO.Path.Combine(path, MarkerName);
        var text = File.Exists(markerPath) ? ReadMarker(markerPath) : "";
        if (text.Length == 0)
            throw WithoutMarker(path);
        var isNumber = int.TryParse(
            text.AsSpan(Math.Min(text.Length, MarkerPrefix.Length)).TrimEnd('\n'),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var number);
        if (!text.StartsWith(MarkerPrefix, StringComparison.Ordinal) || !isNumber || number < 1)
            throw new StoreError(StoreErrorKind.NotOurs, $"{path} is not a Pallas machine");
        if (number > FormatNumber)
        {
            throw new StoreError(
                StoreErrorKind.NewerFormat,
                $"{path} has format {number}; this version reads formats up to {FormatNumber}");
        }
        return number;
    }

    private static string ReadMarker(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new StoreError(StoreErrorKind.Denied, $"no access to {path}", error);
        }
    }

    private static StoreError WithoutMarker(string path)
    {
        var names = Directory.EnumerateFileSystemEntries(path)
            .Select(entry => System.IO.Path.GetFileName(entry))
            .ToArray();
        if (names.Length == 0)
            return new StoreError(StoreErrorKind.Empty, $"{path} is empty: it is not a machine");
        if (!names.All(IsOurs))
            return new StoreError(StoreErrorKind.NotOurs, $"{path} is not a Pallas machine");
        return new StoreError(
            StoreErrorKind.Unfinished,
            MayHoldEvents(path)
                ? $"{path} was never finished, or its file {MarkerName} was lost\nhint: if the "
                    + "machine has never run, boot it again elsewhere; if it has run, put the "
                    + $"file back: it is the line {MarkerPrefix}{FormatNumber}"
                : $"{path} was never finished: remove it and boot again");
    }

    private static bool IsOurs(string name) =>
        name is MarkerName or NewMarkerName or FolderLock.LockName or FolderLock.HolderName
        || StoreBackends.All.Any(backend => backend.FolderName == name);

    /// <summary>Whether a folder without a marker may hold the log of a machine that has run.
    /// </summary>
    private static bool MayHoldEvents(string path)
    {
        if (StoreBackends.In(path) is not { } backend || !backend.IsBegun(backend.PathIn(path)))
            return false;
        try
        {
            using var store = backend.Open(backend.PathIn(path));
            return EventLog.NumberAtHead(store) > 0;
        }
        catch (StoreError)
        {
            return true;
        }
    }
}

using System.Globalization;
using System.Text;
using Pallas.Plan;
using Pallas.Store.Backends.Rocks;
using Pallas.Store.Log;

namespace Pallas.Store.Folder;

/// <summary>The folder of one machine, held by this process.</summary>
/// <remarks>
/// In it: <c>pallas-machine</c>, which says that it is one and in which format, written last when
/// a machine is made; <c>lock</c>, and <c>holder</c>, which names who has it; <c>store</c>, the
/// RocksDB. Opening changes nothing before <see cref="BeginWriting"/>, whatever it finds.
/// </remarks>
public sealed class StoreFolder : IDisposable
{
    /// <summary>The format that this version writes; it reads this and all before.</summary>
    public const int FormatNumber = 2;

    private const string MarkerName = "pallas-machine";
    private const string NewMarkerName = "pallas-machine.new";
    private const string MarkerPrefix = "pallas machine, format ";
    private const string StoreName = "store";

    private readonly FolderLock holding;
    private readonly RocksStore rocks;
    private readonly int formatNumber;

    private StoreFolder(
        string path, FolderLock holding, RocksStore rocks, MachineStore store, int formatNumber)
    {
        Path = path;
        this.rocks = rocks;
        Identity = StoreIdentity.Read(rocks);
        this.holding = holding;
        this.formatNumber = formatNumber;
        Store = store;
    }

    public string Path { get; }

    public MachineStore Store { get; }

    /// <summary>Null where an earlier version made the folder and nothing was written since.
    /// </summary>
    public StoreIdentity? Identity { get; private set; }

    /// <summary>Makes a machine's folder with its first state; it must not exist or be empty.
    /// </summary>
    /// <exception cref="StoreError"><see cref="StoreErrorKind.Occupied"/> and others.</exception>
    public static void Create(string path, Pin root) => Create(
        path, store => MachineStore.Initialize(store, root), (_, home) => StoreIdentity.New(home));

    /// <summary>Makes a machine's folder with what fills its store.</summary>
    /// <param name="identify">Gives the identity, for the one that was filled in and the home.
    /// </param>
    /// <exception cref="StoreError"><see cref="StoreErrorKind.Occupied"/> and others, those of
    /// filling included; nothing is left then.</exception>
    public static void Create(
        string path, Action<IStore> fill, Func<StoreIdentity?, ulong, StoreIdentity> identify)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            RefuseToOverwrite(path);
            var wasThere = Directory.Exists(path);
            Directory.CreateDirectory(path);
            using var holding = FolderLock.Take(path);
            // Somebody else may have made one since.
            if (Directory.EnumerateFileSystemEntries(path).Count() > 1)
                RefuseToOverwrite(path);
            try
            {
                Make(path, holding, fill, identify);
            }
            catch
            {
                Clear(path, wasThere);
                throw;
            }
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw StoreError.OfWriting(path, error);
        }
    }

    private static void Make(
        string path, FolderLock holding, Action<IStore> fill,
        Func<StoreIdentity?, ulong, StoreIdentity> identify)
    {
        holding.NameHolder();
        using (var store = RocksStore.Create(System.IO.Path.Combine(path, StoreName)))
        {
            fill(store);
            identify(StoreIdentity.Read(store), holding.Number()).Save(store);
        }
        WriteMarker(path);
    }

    /// <summary>Takes away what was made of a machine that could not be finished.</summary>
    private static void Clear(string path, bool wasThere)
    {
        try
        {
            if (!wasThere)
            {
                Directory.Delete(path, recursive: true);
                return;
            }
            if (Directory.Exists(System.IO.Path.Combine(path, StoreName)))
                Directory.Delete(System.IO.Path.Combine(path, StoreName), recursive: true);
            foreach (var file in Directory.EnumerateFiles(path))
                File.Delete(file);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            // What went wrong before is what has to be said.
        }
    }

    /// <summary>Opens a machine's folder and holds it.</summary>
    /// <exception cref="StoreError">There is no machine that can be opened.</exception>
    /// <param name="cacheBytesMax">How much memory loaded parts of the state may take.</param>
    public static StoreFolder Open(string path, long? cacheBytesMax = null)
    {
        path = System.IO.Path.GetFullPath(path);
        var formatNumber = CheckMarker(path);
        var holding = FolderLock.Take(path);
        RocksStore? rocks = null;
        try
        {
            var storePath = System.IO.Path.Combine(path, StoreName);
            if (!Directory.Exists(storePath))
                throw StoreError.Damaged($"{storePath} is missing");
            rocks = RocksStore.Open(storePath);
            return new StoreFolder(
                path, holding, rocks, MachineStore.Open(rocks, cacheBytesMax), formatNumber);
        }
        catch
        {
            rocks?.Dispose();
            holding.Dispose();
            throw;
        }
    }

    /// <summary>Makes commits possible. What an earlier version made is of this format from here.
    /// </summary>
    /// <exception cref="StoreError">The disk is full, or the folder cannot be written.</exception>
    public void BeginWriting() => Begin(identity => identity.Home == holding.Number()
        ? identity
        : throw new StoreError(
            StoreErrorKind.Copied,
            $"{Path} is a copy of machine {identity}\nhint: if the original does not run any "
                + "more, pallas adopt makes this its next life; pallas adopt --new a machine of "
                + "its own"));

    /// <summary>Makes commits possible in a folder that may be a copy, as the next life of its
    /// machine or as another machine.</summary>
    /// <exception cref="StoreError">The disk is full, or the folder cannot be written.</exception>
    public void BeginNextLife(bool asNew) => Begin(identity => asNew
        ? StoreIdentity.New(holding.Number())
        : identity.Next(holding.Number()));

    /// <summary>
    /// Lets others have a folder that was only read. What was read of it can still be touched.
    /// </summary>
    public void LetGo() => holding.Dispose();

    public void Dispose()
    {
        Store.Dispose();
        holding.Dispose();
    }

    /// <summary>A machine may be made where nothing is, or an empty folder.</summary>
    /// <exception cref="StoreError"><see cref="StoreErrorKind.Occupied"/>.</exception>
    public static void RefuseToOverwrite(string path)
    {
        if (File.Exists(path))
            throw new StoreError(StoreErrorKind.Occupied, $"{path} is a file");
        if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) is { } parent
            && File.Exists(System.IO.Path.Combine(parent, MarkerName)))
        {
            throw new StoreError(
                StoreErrorKind.Occupied, $"{parent} is a machine; none is made within another");
        }
        if (!Directory.Exists(path) || !Directory.EnumerateFileSystemEntries(path).Any())
            return;
        throw new StoreError(
            StoreErrorKind.Occupied,
            File.Exists(System.IO.Path.Combine(path, MarkerName))
                ? $"{path} is a machine already"
                : $"{path} is not empty");
    }

    /// <param name="identify">Gives the identity to go on with.</param>
    private void Begin(Func<StoreIdentity, StoreIdentity> identify)
    {
        var identity = Identity is { } known
            ? identify(known)
            : StoreIdentity.New(holding.Number());
        holding.NameHolder();
        if (formatNumber < FormatNumber)
            RaiseFormat();
        Store.BeginWriting();
        if (identity != Identity)
            identity.Save(rocks);
        Identity = identity;
    }

    /// <summary>Before anything is written that an earlier version would not understand.
    /// </summary>
    private void RaiseFormat()
    {
        try
        {
            WriteMarker(Path);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw StoreError.OfWriting(Path, error);
        }
    }

    /// <summary>The name is there only with all that belongs under it.</summary>
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

    /// <returns>The number of the folder's format.</returns>
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
                $"{path} has format {number}, this version reads up to {FormatNumber}");
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
            return new StoreError(StoreErrorKind.Empty, $"{path} is empty, it is no machine");
        if (names.Any(name => name is not (StoreName or MarkerName or NewMarkerName
            or FolderLock.LockName or FolderLock.HolderName)))
            return new StoreError(StoreErrorKind.NotOurs, $"{path} is not a Pallas machine");
        return new StoreError(
            StoreErrorKind.Unfinished,
            MayHoldEvents(System.IO.Path.Combine(path, StoreName))
                ? $"{path} was never finished, or the file {MarkerName} in it was lost\nhint: if "
                    + "its making was cut off, make it again elsewhere; if it has run, put the "
                    + $"file back: it is the line {MarkerPrefix}{FormatNumber}"
                : $"{path} was never finished: remove it and boot again");
    }

    /// <summary>Whether there may be something in a store that would be missed.</summary>
    private static bool MayHoldEvents(string storePath)
    {
        if (!File.Exists(System.IO.Path.Combine(storePath, "CURRENT")))
            return false;
        try
        {
            using var rocks = RocksStore.Open(storePath);
            return EventLog.NumberAtHead(rocks) > 0;
        }
        catch (StoreError)
        {
            return true;
        }
    }
}

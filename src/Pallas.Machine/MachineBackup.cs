using Pallas.Store;

namespace Pallas.Machine;

/// <summary>Machines as one stream of bytes, and what is made of such a stream.</summary>
public static class MachineBackup
{
    /// <summary>Writes everything that a machine keeps.</summary>
    public static void Write(MachineView view, Stream output) =>
        StoreBackup.Write(view.Reader, output);

    /// <summary>Writes a machine that begins with the state which another had after a record of
    /// its log.</summary>
    /// <exception cref="StoreError">The log is damaged.</exception>
    /// <exception cref="ReplayError">The log cannot be replayed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">That moment is not kept, or is yet to come.
    /// </exception>
    public static void WriteFork(
        MachineView view, ulong recordNumber, MachineOptions options, Stream output)
    {
        var state = StateAt(view, recordNumber, options);
        using var store = new MemoryStore();
        MachineStore.Initialize(store, state.ToRoot());
        StoreBackup.Write(store, output);
    }

    /// <summary>Makes a machine's folder of a stream, and checks all of it.</summary>
    /// <param name="asNew">A machine of its own; otherwise the next life of the one that the
    /// stream is of.</param>
    /// <exception cref="StoreError">The stream is damaged, or the folder cannot be made; then
    /// nothing is left of it.</exception>
    public static StoreIdentity Restore(Stream input, string path, bool asNew)
    {
        StoreFolder.RefuseToOverwrite(Path.GetFullPath(path));
        try
        {
            StoreFolder.Create(
                path,
                store =>
                {
                    StoreBackup.Read(input, store);
                    var problems = new List<string>();
                    StoreCheck.Run(store, problems.Add);
                    if (problems.Count > 0)
                        throw new StoreError(StoreErrorKind.Damaged, problems[0]);
                },
                (before, home) => before is { } known && !asNew
                    ? known.Next(home)
                    : StoreIdentity.New(home));
            using var made = StoreFolder.Open(path);
            return made.Identity!.Value;
        }
        catch
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            throw;
        }
    }

    private static MachineState StateAt(
        MachineView view, ulong recordNumber, MachineOptions options)
    {
        var snapshots = view.Snapshots.List().ToArray();
        var (first, last) = (snapshots[0].Position.Number, view.Log.Last.Number);
        if (recordNumber < first || recordNumber > last)
        {
            throw new ArgumentOutOfRangeException(
                nameof(recordNumber), $"the records from {first} to {last} are kept");
        }
        var start = snapshots.Last(entry => entry.Position.Number <= recordNumber);
        var state = MachineState.Of(view.Snapshots.Load(start));
        var replayer = Replayer.Unlimited(options);
        foreach (var record in view.Log.Read(start.Position)
            .TakeWhile(record => record.Position.Number <= recordNumber))
            state = replayer.Apply(state, Receipt.ReadAll(record));
        return state;
    }
}

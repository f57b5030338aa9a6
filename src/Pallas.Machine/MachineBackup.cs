using Pallas.Store;
using Pallas.Store.Backup;
using Pallas.Store.Folder;

namespace Pallas.Machine;

/// <summary>Writes a machine as one stream of bytes, and restores machines from such streams.
/// </summary>
public static class MachineBackup
{
    /// <summary>Writes all that the machine has stored.</summary>
    public static void Write(MachineView view, Stream output) =>
        StoreBackup.Write(view.Reader, output);

    /// <summary>Writes a machine that continues from the state of another one after a record of its
    /// log, with the history up to that record.</summary>
    /// <exception cref="StoreError">A part that it needs is missing or damaged.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The record is pruned, or not written yet.
    /// </exception>
    public static void WriteFork(MachineView view, ulong recordNumber, Stream output)
    {
        if (view.Snapshots.Numbers() is not [var first, ..])
            throw StoreError.Damaged("there is no snapshot");
        var last = view.Log.Last.Number;
        if (recordNumber < first || recordNumber > last)
        {
            throw new ArgumentOutOfRangeException(
                nameof(recordNumber), $"the records from {first} to {last} are kept");
        }
        StoreBackup.WriteFork(view, recordNumber, output);
    }

    /// <summary>Makes a machine's folder from a stream, and checks all of it.</summary>
    /// <param name="asNew">Make a new machine; otherwise the next life of the one in the stream.
    /// </param>
    /// <exception cref="StoreError">The stream is damaged, or the folder cannot be made; then no
    /// folder is left.</exception>
    public static StoreIdentity Restore(
        Stream input, string path, bool asNew, MachineContext? context = null)
    {
        context ??= new MachineContext();
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
                : StoreIdentity.New(context.FillRandom, home));
        using var made = StoreFolder.Open(path);
        return made.Identity!.Value;
    }
}

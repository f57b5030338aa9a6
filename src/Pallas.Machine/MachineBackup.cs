using Pallas.Store;
using Pallas.Store.Backup;
using Pallas.Store.Folder;

namespace Pallas.Machine;

/// <summary>Machines as one stream of bytes, and what is made of such a stream.</summary>
public static class MachineBackup
{
    /// <summary>Writes everything that a machine keeps.</summary>
    public static void Write(MachineView view, Stream output) =>
        StoreBackup.Write(view.Reader, output);

    /// <summary>Writes a machine that goes on from what another one was after a record of its
    /// log, with the history up to there and nothing of what came later.</summary>
    /// <exception cref="StoreError">What it needs is missing or damaged.</exception>
    /// <exception cref="ArgumentOutOfRangeException">That moment is not kept, or is yet to come.
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

    /// <summary>Makes a machine's folder of a stream, and checks all of it.</summary>
    /// <param name="asNew">A machine of its own; otherwise the next life of the one that the
    /// stream is of.</param>
    /// <exception cref="StoreError">The stream is damaged, or the folder cannot be made; then
    /// nothing is left of it.</exception>
    public static StoreIdentity Restore(
        Stream input, string path, bool asNew, MachineOptions? options = null)
    {
        options ??= new MachineOptions();
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
                : StoreIdentity.New(options.FillRandom, home));
        using var made = StoreFolder.Open(path);
        return made.Identity!.Value;
    }
}

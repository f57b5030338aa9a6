using Pallas.Devices;
using Pallas.Devices.Sockets;
using Pallas.Eval;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Store.Snapshots;

namespace Pallas.Cli.Control;

/// <summary>
/// A machine as queries see it: a stopped one, whose folder is locked during the query, or a
/// running one, asked from within its process.
/// </summary>
internal abstract class MachineAccess(EvalOptions evaluation) : IDisposable
{
    private MachineView? view;

    /// <summary>Prints a warning beside the answer.</summary>
    public abstract Action<string> Warn { get; }

    /// <summary>How the query evaluates what it reads.</summary>
    public MachineContext Context { get; } = new()
    {
        Options = new MachineOptions { Evaluation = evaluation },
        Devices = context => DeviceList.MakeAll(context, new NetworkOptions(), new PokeDevice()),
    };

    /// <summary>The process of a running machine; null if it is stopped.</summary>
    public abstract int? ProcessId { get; }

    /// <summary>The store, as it was at the first use.</summary>
    public MachineView View => view ??= OpenView();

    /// <summary>Null if an earlier version made the folder and nothing was written since.
    /// </summary>
    public StoreIdentity? Identity => StoreIdentity.Read(View.Reader);

    /// <summary>Takes values for a running machine; null if it is stopped.</summary>
    public virtual PokeDevice? Poke => null;

    /// <summary>Cancelled when a running machine stops.</summary>
    public virtual CancellationToken Closing => CancellationToken.None;

    public abstract MachineStatus Status();

    public abstract long SizeOf(StoreSpace space);

    /// <summary>The readable snapshots, the oldest first; a warning names each other one.
    /// </summary>
    /// <param name="unusable">Receives the others.</param>
    /// <exception cref="StoreError">No snapshot is readable.</exception>
    public SnapshotEntry[] Snapshots(ICollection<UnusableSnapshot>? unusable = null)
    {
        StoreError? first = null;
        var entries = View.Snapshots.List((number, error) =>
        {
            first ??= error;
            unusable?.Add(new UnusableSnapshot(number, error.Message));
            WarnUnusable(number, error);
        }).ToArray();
        return entries.Length > 0
            ? entries
            : throw first ?? StoreError.Damaged("there is no snapshot");
    }

    public void WarnUnusable(ulong number, StoreError error) => Warn(
        $"pallas: warning: {error.Message}; the snapshot after record {number} cannot be used");

    /// <summary>The sizes of the parts of the store on disk.</summary>
    public IReadOnlyDictionary<string, long> Sizes() => new Dictionary<string, long>
    {
        ["pins"] = SizeOf(StoreSpace.Pins),
        ["log"] = SizeOf(StoreSpace.Log),
        ["snapshots"] = SizeOf(StoreSpace.Snapshots) + SizeOf(StoreSpace.Chunks),
    };

    /// <exception cref="StoreError">The folder cannot be opened.</exception>
    public static MachineAccess Stopped(
        StoreFolder folder, EvalOptions evaluation, Action<string> warn) =>
        new StoppedMachine(folder, evaluation, warn);

    public static MachineAccess Running(
        RunningMachine machine, EvalOptions evaluation, PokeDevice poke, Action<string> warn,
        CancellationToken closing) =>
        new LiveMachine(machine, evaluation, poke, warn, closing);

    public virtual void Dispose() => view?.Dispose();

    protected abstract MachineView OpenView();

    private sealed class StoppedMachine(
        StoreFolder folder, EvalOptions evaluation, Action<string> warn)
        : MachineAccess(evaluation)
    {
        public override Action<string> Warn => warn;

        public override int? ProcessId => null;

        public override MachineStatus Status() => MachineFolder.Inspect(folder.Store, Context);

        public override long SizeOf(StoreSpace space) => folder.Store.SizeOf(space);

        public override void Dispose()
        {
            base.Dispose();
            folder.Dispose();
        }

        protected override MachineView OpenView() => folder.Store.View();
    }

    private sealed class LiveMachine(
        RunningMachine machine, EvalOptions evaluation, PokeDevice poke, Action<string> warn,
        CancellationToken closing)
        : MachineAccess(evaluation)
    {
        public override Action<string> Warn => warn;

        public override PokeDevice? Poke => poke;

        public override CancellationToken Closing => closing;

        public override int? ProcessId => Environment.ProcessId;

        public override MachineStatus Status() => machine.Status();

        public override long SizeOf(StoreSpace space) => machine.SizeOf(space);

        protected override MachineView OpenView() => machine.View();
    }
}

using Pallas.Devices;
using Pallas.Devices.Sockets;
using Pallas.Eval;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Store.Snapshots;

namespace Pallas.Cli.Control;

/// <summary>
/// What a query may ask of a machine: one that is stopped, whose folder is held for the time of
/// the query, or one that runs, asked from within its process.
/// </summary>
internal abstract class MachineAccess(EvalOptions evaluation) : IDisposable
{
    private MachineView? view;

    /// <summary>Gets what whoever asks should know besides the answer.</summary>
    public abstract Action<string> Say { get; }

    /// <summary>How the query evaluates what it reads.</summary>
    public MachineContext Context { get; } = new()
    {
        Options = new MachineOptions { Evaluation = evaluation },
        Devices = context => DeviceList.MakeAll(context, new NetworkOptions(), new PokeDevice()),
    };

    /// <summary>The process that runs it; null for a machine that is stopped.</summary>
    public abstract int? ProcessId { get; }

    /// <summary>What is on disk, as it was when it was first asked for.</summary>
    public MachineView View => view ??= OpenView();

    /// <summary>Null where nothing was written since an earlier version made the folder.
    /// </summary>
    public StoreIdentity? Identity => StoreIdentity.Read(View.Reader);

    /// <summary>Takes values for a machine that runs; null for one that is stopped.</summary>
    public virtual PokeDevice? Poke => null;

    /// <summary>Cancelled when a machine that runs is told to stop.</summary>
    public virtual CancellationToken Closing => CancellationToken.None;

    public abstract MachineStatus Status();

    public abstract long SizeOf(StoreSpace space);

    /// <summary>The snapshots that can be read, the oldest first; of the others it is said what is
    /// wrong.</summary>
    /// <param name="unusable">Gets those.</param>
    /// <exception cref="StoreError">There is none.</exception>
    public SnapshotEntry[] Snapshots(ICollection<UnusableSnapshot>? unusable = null)
    {
        StoreError? first = null;
        var entries = View.Snapshots.List((number, error) =>
        {
            first ??= error;
            unusable?.Add(new UnusableSnapshot(number, error.Message));
            SayUnusable(number, error);
        }).ToArray();
        return entries.Length > 0
            ? entries
            : throw first ?? StoreError.Damaged("there is no snapshot");
    }

    public void SayUnusable(ulong number, StoreError error) => Say(
        $"pallas: warning: {error.Message}; the snapshot after record {number} cannot be used");

    /// <summary>What the parts of its store take on disk.</summary>
    public IReadOnlyDictionary<string, long> Sizes() => new Dictionary<string, long>
    {
        ["pins"] = SizeOf(StoreSpace.Pins),
        ["log"] = SizeOf(StoreSpace.Log),
        ["snapshots"] = SizeOf(StoreSpace.Snapshots) + SizeOf(StoreSpace.Chunks),
    };

    /// <exception cref="StoreError">It cannot be opened.</exception>
    public static MachineAccess Stopped(
        StoreFolder folder, EvalOptions evaluation, Action<string> say) =>
        new StoppedMachine(folder, evaluation, say);

    public static MachineAccess Running(
        RunningMachine machine, EvalOptions evaluation, PokeDevice poke, Action<string> say,
        CancellationToken closing) =>
        new LiveMachine(machine, evaluation, poke, say, closing);

    public virtual void Dispose() => view?.Dispose();

    protected abstract MachineView OpenView();

    private sealed class StoppedMachine(
        StoreFolder folder, EvalOptions evaluation, Action<string> say)
        : MachineAccess(evaluation)
    {
        public override Action<string> Say => say;

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
        RunningMachine machine, EvalOptions evaluation, PokeDevice poke, Action<string> say,
        CancellationToken closing)
        : MachineAccess(evaluation)
    {
        public override Action<string> Say => say;

        public override PokeDevice? Poke => poke;

        public override CancellationToken Closing => closing;

        public override int? ProcessId => Environment.ProcessId;

        public override MachineStatus Status() => machine.Status();

        public override long SizeOf(StoreSpace space) => machine.SizeOf(space);

        protected override MachineView OpenView() => machine.View();
    }
}

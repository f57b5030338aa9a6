using Pallas.Cli.Control;
using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Testing;

namespace Pallas.Tests.Cli;

/// <summary>A machine that is stopped, with its store in memory, as commands ask it.</summary>
internal sealed class MemoryMachine(MemoryStore memory) : MachineAccess(TestEval.WithJets)
{
    private readonly MachineStore store = MachineStore.Open(memory);

    public List<string> Said { get; } = [];

    public override Action<string> Warn => Said.Add;

    public override int? ProcessId => null;

    public override MachineStatus Status() => MachineFolder.Inspect(store, Context);

    public override long SizeOf(StoreSpace space) => store.SizeOf(space);

    protected override MachineView OpenView() => store.View();
}

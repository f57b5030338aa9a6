namespace Pallas.Cli.Control;

/// <summary>
/// A question to a machine: answered here if the machine is stopped, and by its own process if it
/// runs. It changes nothing; only a poke hands a value to a machine that runs.
/// </summary>
internal abstract record MachineQuery
{
    /// <returns>The exit code.</returns>
    public abstract int Answer(MachineAccess machine, Stream output);
}

using Pallas.Cli.Options;
using Pallas.Eval;
using Pallas.Machine;

namespace Pallas.Fuzz;

/// <summary>
/// The options that tests and fuzz targets evaluate with, so that <c>PALLAS_TIER</c> in the
/// environment runs all of them under one tier.
/// </summary>
public static class TestEval
{
    /// <summary>No jets.</summary>
    public static EvalOptions Plain { get; } = new()
    {
        Tier = CommandContext.ReadTier(
            CommandContext.TierVariable,
            Environment.GetEnvironmentVariable(CommandContext.TierVariable)),
    };

    public static EvalOptions WithJets { get; } = Plain with { Jets = JetTable.All };

    /// <summary>A machine without jets.</summary>
    public static MachineOptions Options => new() { Evaluation = Plain };

    /// <inheritdoc cref="Options"/>
    public static MachineContext Machine => new() { Options = Options };
}

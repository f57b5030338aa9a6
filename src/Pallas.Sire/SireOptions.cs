using Pallas.Eval;
using Pallas.Sire.Expand;
using Pallas.Sire.Modules;

namespace Pallas.Sire;

public sealed record SireOptions
{
    public required Evaluator Evaluator { get; init; }

    public required IModuleSource Modules { get; init; }

    public IModuleCache? Cache { get; init; }

    /// <summary>Receives each event when it happens.</summary>
    public Action<SireEvent>? Report { get; init; }
}

using Pallas.Sire.Errors;

namespace Pallas.Sire.Expand;

/// <summary>The state after a load or a block, or its errors.</summary>
public sealed record SireResult
{
    private SireResult(SireState? state, IReadOnlyList<SireError> errors) =>
        (State, Errors) = (state, errors);

    /// <summary>Null exactly when there are errors.</summary>
    public SireState? State { get; }

    public IReadOnlyList<SireError> Errors { get; }

    public static SireResult Good(SireState state) => new(state, []);

    public static SireResult Bad(params IReadOnlyList<SireError> errors) => new(null, errors);
}

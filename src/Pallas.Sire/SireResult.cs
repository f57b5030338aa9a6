namespace Pallas.Sire;

/// <summary>The state that something came to, or what was wrong.</summary>
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

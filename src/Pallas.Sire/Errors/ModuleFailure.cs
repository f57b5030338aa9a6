namespace Pallas.Sire.Errors;

/// <summary>Unwinds from a module that cannot be loaded to the caller of the session.</summary>
internal sealed class ModuleFailure(params IReadOnlyList<SireError> errors) : Exception
{
    public IReadOnlyList<SireError> Errors { get; } = errors;
}

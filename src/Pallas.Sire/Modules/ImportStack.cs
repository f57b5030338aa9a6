using Pallas.Values.Hashing;

namespace Pallas.Sire.Modules;

/// <summary>The modules whose loads are in progress, innermost first.</summary>
/// <param name="Companions">The modules that the innermost one has imported so far.</param>
internal sealed record ImportStack(
    string Module, List<Companion> Companions, ImportStack? Outer)
{
    public static ImportStack Empty => new("", [], null);

    /// <summary>Their names, outermost first.</summary>
    public IEnumerable<string> Names => Outer is null ? [] : Outer.Names.Append(Module);
}

/// <summary>A module that another one imports without having it in its chain.</summary>
internal readonly record struct Companion(string Module, Hash256 ChainHash);

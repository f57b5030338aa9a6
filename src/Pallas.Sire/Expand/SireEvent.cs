using Pallas.Values;

namespace Pallas.Sire.Expand;

/// <summary>The reports of a load, in order. Values are in normal form.</summary>
public abstract record SireEvent
{
    private SireEvent()
    {
    }

    /// <summary>The check of an assertion begins.</summary>
    /// <param name="Rex">The PLAN value of its form.</param>
    public sealed record Asserting(Value Rex) : SireEvent;

    public sealed record Bound(Nat Name, Value Value) : SireEvent;

    /// <summary>The value of an expression at the outermost level.</summary>
    public sealed record Evaluated(Value Value) : SireEvent;

    /// <summary>The load of a module from source begins; its predecessors are complete.</summary>
    public sealed record Loading(string Module) : SireEvent;

    /// <summary>The module that began to load last is complete.</summary>
    public sealed record Loaded(string Module) : SireEvent;

    /// <summary>A module and its predecessors came from the cache.</summary>
    public sealed record Cached(string Module) : SireEvent;

    /// <summary>The predecessor that a file declares does not exist; the file loads without it.
    /// </summary>
    public sealed record Orphaned(string File, string Predecessor) : SireEvent;
}

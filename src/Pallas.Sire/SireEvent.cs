using Pallas.Values;

namespace Pallas.Sire;

/// <summary>What a load reports while it goes on, in order. Values are in normal form.</summary>
public abstract record SireEvent
{
    private SireEvent()
    {
    }

    /// <summary>An assertion is about to be checked.</summary>
    /// <param name="Rex">The PLAN value of its form.</param>
    public sealed record Asserting(Value Rex) : SireEvent;

    public sealed record Bound(Nat Name, Value Value) : SireEvent;

    /// <summary>The value of an expression at the outermost level.</summary>
    public sealed record Evaluated(Value Value) : SireEvent;

    /// <summary>A module is being loaded from source, after those that it stands on.</summary>
    public sealed record Loading(string Module) : SireEvent;

    /// <summary>The module that began to load last is complete.</summary>
    public sealed record Loaded(string Module) : SireEvent;

    /// <summary>A module, with all that it stands on, came from the cache.</summary>
    public sealed record Cached(string Module) : SireEvent;

    /// <summary>The predecessor that a file declares is nowhere; the file is loaded without it.
    /// </summary>
    public sealed record Orphaned(string File, string Predecessor) : SireEvent;
}

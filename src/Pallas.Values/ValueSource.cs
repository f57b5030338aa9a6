using System.Runtime.CompilerServices;
using Pallas.Values.Hashing;

namespace Pallas.Values;

/// <summary>
/// Where parts of values come from that are known by hash and not in memory: a store.
/// </summary>
/// <remarks>
/// Two things can be absent: the item of a pin, and the items below a node of a long row, set or
/// tab. Both are in normal form and never change, so they are loaded when touched, by whatever
/// thread touches them, and may be dropped again. Nobody can tell but by the time it takes.
/// What is missing or damaged is the source's own exception, which no program can catch.
/// </remarks>
public abstract class ValueSource
{
    /// <summary>The item of a pin, checked against its hash.</summary>
    protected internal abstract Value LoadItem(Pin pin);

    /// <summary>The node that a chunk holds.</summary>
    /// <param name="bytesCount">About its size in memory.</param>
    internal abstract ItemNode LoadNode(StoredAt place, out long bytesCount);

    /// <summary>Tells that a part has been loaded, about how big it is in memory.</summary>
    protected internal abstract void Loaded(IDroppable part, long bytesCount);

    /// <summary>Tells that a part that was made here can be loaded from now on.</summary>
    protected internal abstract void Kept(IDroppable part, long bytesCount);

    /// <summary>What to throw for a chunk that has the right hash and makes no sense.</summary>
    protected internal abstract Exception Unreadable(Hash256 chunk);

    /// <summary>
    /// The chunk of each value in memory that has one of its own; weak, for values come and go.
    /// </summary>
    private readonly ConditionalWeakTable<Value, StoredAt> places = [];

    internal StoredAt? PlaceOf(Value value) =>
        value is Compound { IsStored: false } ? null
        : places.TryGetValue(value, out var place) ? place : null;

    internal void SetPlace(Value value, StoredAt place)
    {
        places.AddOrUpdate(value, place);
        if (value is Compound compound)
            compound.IsStored = true;
    }
}

/// <summary>What can be dropped from memory because a <see cref="ValueSource"/> has it.</summary>
public interface IDroppable
{
    void Drop();
}

/// <summary>Where a part of a value is kept.</summary>
public sealed record StoredAt(ValueSource Source, Hash256 Chunk);

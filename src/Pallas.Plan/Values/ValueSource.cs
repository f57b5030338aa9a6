using System.Runtime.CompilerServices;

namespace Pallas.Plan;

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

    /// <summary>The bytes of a chunk, checked against its hash.</summary>
    protected internal abstract byte[] ReadChunk(Hash256 hash);

    /// <summary>The pin of a hash; the same object as long as one is in use.</summary>
    protected internal abstract Pin FindPin(Hash256 hash);

    /// <summary>
    /// Where a chunk is kept; the same object as long as it is in use, so that a source knows
    /// which chunks may still be asked for.
    /// </summary>
    protected internal abstract StoredAt FindPlace(Hash256 chunk);

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

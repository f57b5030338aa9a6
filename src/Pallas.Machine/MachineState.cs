using System.Collections.Immutable;
using Pallas.Plan;

namespace Pallas.Machine;

/// <summary>
/// The states of all cogs after a certain event. Immutable; all values are normal.
/// </summary>
public sealed class MachineState
{
    public static readonly MachineState Empty =
        new(ImmutableSortedDictionary<CogId, CogState>.Empty);

    private MachineState(ImmutableSortedDictionary<CogId, CogState> cogs) => Cogs = cogs;

    public ImmutableSortedDictionary<CogId, CogState> Cogs { get; }

    /// <summary>The state of a cog, or null for one that is not there.</summary>
    public CogState? Find(CogId cog) => Cogs.GetValueOrDefault(cog);

    public MachineState With(CogId cog, CogState state) => new(Cogs.SetItem(cog, state));

    public MachineState Without(CogId cog) => new(Cogs.Remove(cog));

    /// <summary>A tab from cog ids to pinned states, pinned: what a snapshot holds.</summary>
    public Pin ToRoot()
    {
        var keys = Set.Of(Cogs.Keys.Select(cog => (Value)cog.Number));
        return Pin.Make(Tab.Of(keys, [.. Cogs.Values.Select(state => (Value)state.ToPin())]));
    }

    /// <summary>Null where the root holds no machine's state.</summary>
    public static MachineState? Read(Pin root)
    {
        if (root.Item is not Tab tab)
            return null;
        var cogs = ImmutableSortedDictionary.CreateBuilder<CogId, CogState>();
        for (var i = 0; i < tab.Count; i++)
        {
            var state = tab.ValueAt(i) is Pin pin ? CogState.Read(pin.Item) : null;
            if (tab.KeyAt(i) is not SmallNat id || state is null)
                return null;
            cogs.Add(new CogId(id.Word), state);
        }
        return new MachineState(cogs.ToImmutable());
    }
}

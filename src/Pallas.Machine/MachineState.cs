using Pallas.Store;
using Pallas.Store.Snapshots;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>The states of all cogs after a certain event. It is immutable, and its values are in
/// normal form.</summary>
public sealed class MachineState
{
    public static readonly MachineState Empty = new(CogMap.Empty);

    private MachineState(CogMap cogs) => Cogs = cogs;

    public CogMap Cogs { get; }

    /// <summary>The state of a cog, or null if there is no such cog.</summary>
    public CogState? Find(CogId cog) => Cogs.Find(cog);

    public MachineState With(CogId cog, CogState state) => new(Cogs.With(cog, state));

    public MachineState Without(CogId cog) => new(Cogs.Without(cog));

    /// <summary>A pinned tab from cog ids to pinned states: the content of a new machine.</summary>
    public Pin ToRoot()
    {
        var keys = Set.Of(Cogs.Keys.Select(cog => (Value)cog.Number));
        return Pin.Make(Tab.Of(keys, [.. Cogs.Values.Select(state => (Value)state.ToPin())]));
    }

    /// <summary>A tab from cog ids to states: the content of a snapshot.</summary>
    public Tab ToTab() => Tab.Of(
        Set.Of(Cogs.Keys.Select(cog => (Value)cog.Number)),
        [.. Cogs.Values.Select(state => (Value)state.ToValue())]);

    /// <exception cref="StoreError">The snapshot is damaged, or holds no machine.</exception>
    public static MachineState Of(MachineSnapshot snapshot) =>
        Read(snapshot.State) ?? throw StoreError.Damaged(
            $"the snapshot after record {snapshot.Position.Number} holds no machine");

    /// <summary>Null if the value is no machine's state.</summary>
    /// <param name="root">A tab from cog ids to states; it and they may be pinned.</param>
    public static MachineState? Read(Value root)
    {
        if ((root is Pin whole ? whole.Item : root) is not Tab tab)
            return null;
        var cogs = new KeyValuePair<CogId, CogState>[tab.Count];
        for (var i = 0; i < tab.Count; i++)
        {
            var value = tab.ValueAt(i);
            var state = CogState.Read(value is Pin pin ? pin.Item : value);
            if (tab.KeyAt(i) is not SmallNat id || state is null)
                return null;
            cogs[i] = new(new CogId(id.Word), state);
        }
        return new MachineState(CogMap.Of(cogs));
    }
}

/// <summary>A machine's state as the tab of a snapshot, updated only where the state has changed.
/// </summary>
internal sealed class StateTab
{
    private MachineState state = MachineState.Empty;
    private Tab tab = Tab.Empty;

    /// <summary>The tab of a state. It shares the unchanged parts with the tab of the state before.
    /// </summary>
    public Tab Of(MachineState next)
    {
        var (old, now) = (state.Cogs.GetEnumerator(), next.Cogs.GetEnumerator());
        var (hasOld, hasNow) = (old.MoveNext(), now.MoveNext());
        while (hasOld || hasNow)
        {
            var order = !hasOld ? 1 : !hasNow ? -1
                : old.Current.Key.CompareTo(now.Current.Key);
            if (order < 0)
                tab = tab.Without(old.Current.Key.Number);
            else if (order > 0 || !ReferenceEquals(old.Current.Value, now.Current.Value))
                tab = tab.With(now.Current.Key.Number, now.Current.Value.ToValue());
            if (order <= 0)
                hasOld = old.MoveNext();
            if (order >= 0)
                hasNow = now.MoveNext();
        }
        state = next;
        Invariant.Check(
            tab.Count == next.Cogs.Count,
            $"a snapshot of {next.Cogs.Count} cogs holds {tab.Count}");
        return tab;
    }
}

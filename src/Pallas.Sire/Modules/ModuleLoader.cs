using Pallas.Eval;
using Pallas.Rex;
using Pallas.Sire.Errors;
using Pallas.Sire.Expand;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Sire.Modules;

/// <summary>A module that is complete.</summary>
/// <param name="State">At its end, before its successor begins.</param>
/// <param name="Companions">Its own, and those of its predecessors.</param>
internal sealed record LoadedModule(
    string Name, Hash256 ChainHash, SireState State, IReadOnlyList<Companion> Companions);

/// <summary>
/// Loads a module and its chain of predecessors, starting after the last one that is loaded or
/// cached.
/// </summary>
/// <remarks>
/// A module may import others, its companions, that have chains of their own. The cached value of a
/// module records the chain hashes of its companions; a change of one makes the entry invalid. A
/// predecessor that does not exist ends the chain: the file must then import every name it uses.
/// </remarks>
internal sealed class ModuleLoader(
    IModuleSource modules, IModuleCache? cache, Evaluator evaluator, BlockRunner runner,
    Action<SireEvent> report)
{
    private readonly ChainReader chains = new(modules, runner.Forms, report);
    private readonly Dictionary<string, LoadedModule> loaded = [];

    public LoadedModule Load(string module, ImportStack importing)
    {
        var chain = chains.Read(module, importing);
        var first = chain.Count;
        LoadedModule? last = null;
        while (first > 0 && last is null)
            last = FindComplete(chain[--first]);
        if (last is not null)
            first++;
        for (; first < chain.Count; first++)
            last = Run(chain[first], last, importing);
        return last!;
    }

    public Tab CacheValue(string module)
    {
        var entries = Tab.Empty;
        LoadedModule? last = null;
        foreach (var link in chains.Read(module, ImportStack.Empty))
        {
            last = FindLoaded(link) ?? Run(link, last, ImportStack.Empty);
            var hash = Bar.Of(last.ChainHash.ToBytes());
            entries = entries.With(
                Nat.OfText(link.Name), Row.Of(hash, last.State.EnterRepl().Noun));
        }
        return entries;
    }

    /// <summary>Adds a module and its predecessors to the modules of a state. Null when there is no
    /// such module.</summary>
    public SireState? Join(SireState state, string module, ImportStack importing)
    {
        if (modules.Find(module) is null)
            return null;
        var companion = Load(module, importing);
        importing.Companions.Add(new Companion(module, companion.ChainHash));
        importing.Companions.AddRange(companion.Companions);
        var end = companion.State.EnterRepl();
        var nextKey = end.NextKey.CompareTo(state.NextKey) > 0 ? end.NextKey : state.NextKey;
        return SireState.Make(
            nextKey, state.Context, state.Scope, Scopes.Union(state.Modules, end.Modules));
    }

    private LoadedModule? FindLoaded(ChainLink link) =>
        loaded.TryGetValue(link.Name, out var known) && known.ChainHash == link.ChainHash
            ? known
            : null;

    private LoadedModule? FindComplete(ChainLink link)
    {
        if (FindLoaded(link) is { } known)
            return known;
        if (cache?.Load(CacheKey(link.ChainHash)) is not { } value
            || ReadCached(link, value) is not { } cached)
            return null;
        report(new SireEvent.Cached(link.Name));
        return loaded[link.Name] = cached;
    }

    private LoadedModule? ReadCached(ChainLink link, Value value)
    {
        if (value is not Row { Count: 2 } row || row[1] is not Row companionRow)
            return null;
        List<Companion> companions = [];
        foreach (var item in companionRow.ToArray())
        {
            if (item is not Row { Count: 2 } pair || pair[0] is not Nat name
                || pair[1] is not Bar { Count: Hash256.BytesCount } bytes)
                return null;
            var companion = new Companion(NameText.Of(name), Hash256.FromBytes(bytes.Bytes));
            if (ChainHashOf(companion.Module) != companion.ChainHash)
                return null;
            companions.Add(companion);
        }
        try
        {
            var state = SireState.Read(evaluator, row[0]).LeaveRepl(link.Header.Name);
            return state is null
                ? null
                : new LoadedModule(link.Name, link.ChainHash, state, companions);
        }
        catch (SireFailure)
        {
            return null;
        }
    }

    private Hash256? ChainHashOf(string module)
    {
        try
        {
            return chains.Read(module, ImportStack.Empty)[^1].ChainHash;
        }
        catch (ModuleFailure)
        {
            return null;
        }
    }

    private LoadedModule Run(ChainLink link, LoadedModule? before, ImportStack importing)
    {
        report(new SireEvent.Loading(link.Name));
        var state = before?.State ?? SireState.Initial;
        var inner = new ImportStack(link.Name, [.. before?.Companions ?? []], importing);
        var blocks = RexReader.Read(link.Text);
        if (before is null && link.Predecessor is not null)
        {
            state = state.Enter(link.Header.Name);
            blocks = blocks.Skip(1);
        }
        foreach (var block in blocks)
        {
            var result = runner.Run(
                state, block, link.File.Path, (from, module) => Join(from, module, inner));
            state = result.State ?? throw new ModuleFailure(result.Errors);
        }
        var complete = new LoadedModule(link.Name, link.ChainHash, state, inner.Companions);
        loaded[link.Name] = complete;
        report(new SireEvent.Loaded(link.Name));
        Save(complete);
        return complete;
    }

    private void Save(LoadedModule module)
    {
        if (cache is null)
            return;
        var companions = module.Companions.Distinct().Select(companion => Row.Of(
            Nat.OfText(companion.Module), Bar.Of(companion.ChainHash.ToBytes())));
        cache.Save(
            CacheKey(module.ChainHash),
            Row.Of(module.State.EnterRepl().Noun, Row.Of([.. companions])));
    }

    /// <summary>A change of the cached value's layout must change the text that is hashed here.
    /// </summary>
    private static Hash256 CacheKey(Hash256 chainHash)
    {
        var hasher = new Blake3Hasher();
        hasher.Update("sire module 1"u8);
        hasher.Update(chainHash.ToBytes());
        return hasher.Finish();
    }
}

using System.Buffers;
using System.Text.Unicode;
using Pallas.Rex;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Sire;

/// <summary>Why modules could not be loaded; becomes a result at the surface.</summary>
internal sealed class ModuleFailure(params IReadOnlyList<SireError> errors) : Exception
{
    public IReadOnlyList<SireError> Errors { get; } = errors;
}

/// <summary>The modules that wait for the one that is asked for, nearest first; and what the
/// nearest of them got from beside its chain.</summary>
internal sealed record Via(string Module, List<Companion> Companions, Via? Rest)
{
    public static Via Nothing => new("", [], null);
}

/// <summary>A module that another one imports without standing on it.</summary>
internal readonly record struct Companion(string Module, Hash256 ChainHash);

/// <summary>A module that is complete.</summary>
/// <param name="State">At its end, before its successor is entered.</param>
/// <param name="Companions">Those of its predecessors too.</param>
internal sealed record LoadedModule(
    string Name, Hash256 ChainHash, SireState State, IReadOnlyList<Companion> Companions);

/// <summary>
/// Loads a module after its chain of predecessors, from the last one that is known already.
/// </summary>
/// <remarks>
/// The chain hash covers the bytes of a file and of all before it in its chain. A module may import
/// others, its companions, that are loaded on the side with chains of their own; their hashes stand
/// in the cached value and are compared with those of the files. A predecessor that is nowhere ends
/// the chain: all that a file can name it has to import, and what it imports is found by its name.
/// </remarks>
internal sealed class ModuleLoader(SireSession session, SireOptions options)
{
    private readonly Dictionary<string, LoadedModule> loaded = [];

    /// <summary>The files whose missing predecessors were reported.</summary>
    private readonly HashSet<string> orphans = [];

    /// <param name="Name">That of the file.</param>
    /// <param name="Header">What the file declares; the name in it may be another.</param>
    private sealed record Link(string Name, ModuleFile File, string Text, ModuleHeader Header)
    {
        public string? Predecessor => Header.Predecessor is { } name ? KeyText.Of(name) : null;

        public Hash256 ChainHash { get; init; }
    }

    public LoadedModule Load(string module, Via via)
    {
        var chain = ReadChain(module, via);
        var first = chain.Count;
        LoadedModule? last = null;
        while (first > 0 && last is null)
            last = FindComplete(chain[--first]);
        if (last is not null)
            first++;
        for (; first < chain.Count; first++)
            last = Run(chain[first], last, via);
        return last!;
    }

    public Tab CacheValue(string module)
    {
        var entries = Tab.Empty;
        LoadedModule? last = null;
        foreach (var link in ReadChain(module, Via.Nothing))
        {
            last = FindLoaded(link) ?? Run(link, last, Via.Nothing);
            var hash = Bar.Of(last.ChainHash.ToBytes());
            entries = entries.With(
                Nat.OfText(link.Name), Row.Of(hash, last.State.EnterRepl().Noun));
        }
        return entries;
    }

    /// <summary>A state with a module, and all that this stands on, among its modules; null when
    /// there is no such module.</summary>
    public SireState? Join(SireState state, string module, Via via)
    {
        if (options.Modules.Find(module) is null)
            return null;
        var companion = Load(module, via);
        via.Companions.Add(new Companion(module, companion.ChainHash));
        via.Companions.AddRange(companion.Companions);
        var end = companion.State.EnterRepl();
        var nextKey = end.NextKey.CompareTo(state.NextKey) > 0 ? end.NextKey : state.NextKey;
        return SireState.Make(
            nextKey, state.Context, state.Scope, TabParts.Union(state.Modules, end.Modules));
    }

    /// <summary>The module and its predecessors, the first one first.</summary>
    private List<Link> ReadChain(string module, Via via)
    {
        List<Link> chain = [];
        for (var name = module; name is not null; name = chain[^1].Predecessor)
        {
            RefuseLoop(name, chain, via);
            if (options.Modules.Find(name) is { } file)
            {
                chain.Add(ReadLink(name, file));
                continue;
            }
            if (chain.Count == 0)
                throw Failure(
                    name, default, $"there is no module {name}",
                    "modules are looked for beside the file and in the library folders");
            if (orphans.Add(chain[^1].File.Path))
                session.Report(new SireEvent.Orphaned(chain[^1].File.Path, name));
            break;
        }
        chain.Reverse();
        Span<byte> before = stackalloc byte[Hash256.BytesCount];
        before.Clear();
        for (var i = 0; i < chain.Count; i++)
        {
            var hasher = new Blake3Hasher();
            hasher.Update(before);
            hasher.Update(chain[i].File.Bytes.Span);
            chain[i] = chain[i] with { ChainHash = hasher.Finish() };
            chain[i].ChainHash.WriteTo(before);
        }
        return chain;
    }

    private static void RefuseLoop(string name, List<Link> chain, Via via)
    {
        var names = chain.ConvertAll(link => link.Name);
        for (var waiting = via; waiting is { Rest: not null }; waiting = waiting.Rest)
            names.Insert(0, waiting.Module);
        var start = names.IndexOf(name);
        if (start >= 0)
            throw Failure(
                chain.Count > 0 ? chain[^1].File.Path : name, default,
                "modules depend on each other in a circle: "
                    + string.Join(" needs ", names.Skip(start).Append(name)),
                "put what both need into a third module; "
                    + "a file hides a library module of its name");
    }

    private Link ReadLink(string name, ModuleFile file)
    {
        var text = Decode(file);
        if (RexReader.Read(text).FirstOrDefault() is not { } block)
            throw Failure(
                file.Path, default, "the file is empty; it must begin with a module declaration",
                ModuleHeader.Example);
        if (block.Tree is not { } tree)
            throw new ModuleFailure(
                session.RunBlock(SireState.Initial, block, file.Path, Via.Nothing).Errors);
        if (ModuleHeader.Read(session.Forms.Of(tree)) is not { } header)
            throw Failure(
                file.Path, tree.Span, "a file must begin with a module declaration",
                ModuleHeader.Example, block.Lines[0]);
        return new Link(name, file, text, header);
    }

    private static string Decode(ModuleFile file)
    {
        var bytes = file.Bytes.Span;
        var text = new char[bytes.Length];
        var status = Utf8.ToUtf16(bytes, text, out var read, out var written, false);
        if (status == OperationStatus.Done)
            return new string(text, 0, written);
        var before = text.AsSpan(0, written);
        var lineStart = before.LastIndexOf('\n') + 1;
        var (line, column) = (before.Count('\n') + 1, 1);
        foreach (var _ in before[lineStart..].EnumerateRunes())
            column++;
        throw Failure(
            file.Path, new Span(line, column, line, column),
            $"the byte {bytes[read]:x2} is no UTF-8 here", "save the file as UTF-8");
    }

    private static ModuleFailure Failure(
        string file, Span span, string message, string hint, string? line = null) => new(
        new SireError(SireErrorKind.Module, file, new Diagnostic(span, message, hint), line));

    private LoadedModule? FindLoaded(Link link) =>
        loaded.TryGetValue(link.Name, out var known) && known.ChainHash == link.ChainHash
            ? known
            : null;

    private LoadedModule? FindComplete(Link link)
    {
        if (FindLoaded(link) is { } known)
            return known;
        if (options.Cache?.Load(CacheKey(link.ChainHash)) is not { } value
            || ReadCached(link, value) is not { } cached)
            return null;
        session.Report(new SireEvent.Cached(link.Name));
        return loaded[link.Name] = cached;
    }

    private LoadedModule? ReadCached(Link link, Value value)
    {
        if (value is not Row { Count: 2 } row || row[1] is not Row companionRow)
            return null;
        List<Companion> companions = [];
        foreach (var item in companionRow.ToArray())
        {
            if (item is not Row { Count: 2 } pair || pair[0] is not Nat name
                || pair[1] is not Bar { Count: Hash256.BytesCount } bytes)
                return null;
            var companion = new Companion(KeyText.Of(name), Hash256.FromBytes(bytes.Bytes));
            if (ChainHashOf(companion.Module) != companion.ChainHash)
                return null;
            companions.Add(companion);
        }
        try
        {
            var state = SireState.Read(options.Evaluator, row[0]).LeaveRepl(link.Header.Name);
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
            return ReadChain(module, Via.Nothing)[^1].ChainHash;
        }
        catch (ModuleFailure)
        {
            return null;
        }
    }

    private LoadedModule Run(Link link, LoadedModule? before, Via via)
    {
        session.Report(new SireEvent.Loading(link.Name));
        var state = before?.State ?? SireState.Initial;
        var inner = new Via(link.Name, [.. before?.Companions ?? []], via);
        IEnumerable<RexBlock> blocks = RexReader.Read(link.Text);
        if (before is null && link.Predecessor is not null)
        {
            state = state.Enter(link.Header.Name);
            blocks = blocks.Skip(1);
        }
        foreach (var block in blocks)
        {
            var result = session.RunBlock(state, block, link.File.Path, inner);
            state = result.State ?? throw new ModuleFailure(result.Errors);
        }
        var complete = new LoadedModule(link.Name, link.ChainHash, state, inner.Companions);
        loaded[link.Name] = complete;
        session.Report(new SireEvent.Loaded(link.Name));
        Save(complete);
        return complete;
    }

    private void Save(LoadedModule module)
    {
        if (options.Cache is not { } cache)
            return;
        var companions = module.Companions.Distinct().Select(companion => Row.Of(
            Nat.OfText(companion.Module), Bar.Of(companion.ChainHash.ToBytes())));
        cache.Save(
            CacheKey(module.ChainHash),
            Row.Of(module.State.EnterRepl().Noun, Row.Of([.. companions])));
    }

    /// <summary>Another layout of what is kept must change the text that is hashed here.</summary>
    private static Hash256 CacheKey(Hash256 chainHash)
    {
        var hasher = new Blake3Hasher();
        hasher.Update("sire module 1"u8);
        hasher.Update(chainHash.ToBytes());
        return hasher.Finish();
    }
}

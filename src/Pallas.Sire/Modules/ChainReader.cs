using System.Buffers;
using System.Text.Unicode;
using Pallas.Rex;
using Pallas.Sire.Errors;
using Pallas.Sire.Expand;
using Pallas.Values.Hashing;

namespace Pallas.Sire.Modules;

/// <summary>A file in a chain.</summary>
/// <param name="Name">The name of the file.</param>
/// <param name="Header">The declaration in the file, which may have another name.</param>
/// <param name="ChainHash">Covers the bytes of the file and of all files before it.</param>
internal sealed record ChainLink(
    string Name, ModuleFile File, string Text, ModuleHeader Header, Hash256 ChainHash = default)
{
    public string? Predecessor => Header.Predecessor is { } name ? NameText.Of(name) : null;
}

/// <summary>Reads the chain of a module: its file, the file of its predecessor, and so
/// on.</summary>
internal sealed class ChainReader(
    IModuleSource modules, FormTable forms, Action<SireEvent> report)
{
    /// <summary>The files whose missing predecessors were reported.</summary>
    private readonly HashSet<string> orphans = [];

    /// <returns>The first module first, the requested one last.</returns>
    public List<ChainLink> Read(string module, ImportStack importing)
    {
        List<ChainLink> chain = [];
        for (var name = module; name is not null; name = chain[^1].Predecessor)
        {
            RefuseCircle(name, chain, importing);
            if (modules.Find(name) is { } file)
            {
                chain.Add(ReadLink(name, file));
                continue;
            }
            if (chain.Count == 0)
                throw Failure(
                    name, default, $"there is no module {name}", ModuleHeader.SearchHint);
            if (orphans.Add(chain[^1].File.Path))
                report(new SireEvent.Orphaned(chain[^1].File.Path, name));
            break;
        }
        chain.Reverse();
        return WithHashes(chain);
    }

    private static List<ChainLink> WithHashes(List<ChainLink> chain)
    {
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

    private static void RefuseCircle(string name, List<ChainLink> chain, ImportStack importing)
    {
        List<string> names = [.. importing.Names, .. chain.Select(link => link.Name)];
        var start = names.IndexOf(name);
        if (start >= 0)
            throw Failure(
                chain.Count > 0 ? chain[^1].File.Path : name, default,
                "modules depend on each other in a circle: "
                    + string.Join(" needs ", names.Skip(start).Append(name)),
                "put what both need into a third module; "
                    + "a file hides a library module of its name");
    }

    private ChainLink ReadLink(string name, ModuleFile file)
    {
        var text = Decode(file);
        if (RexReader.Read(text).FirstOrDefault() is not { } block)
            throw Failure(
                file.Path, default, "the file is empty; it must begin with a module declaration",
                ModuleHeader.Example);
        if (block.Tree is not { } tree)
            throw new ModuleFailure(SireError.OfSyntax(block, file.Path));
        if (ModuleHeader.Read(forms.Of(tree)) is not { } header)
            throw Failure(
                file.Path, tree.Span, "a file must begin with a module declaration",
                ModuleHeader.Example, block.Lines[0]);
        return new ChainLink(name, file, text, header);
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
            $"the byte {bytes[read]:x2} is not UTF-8 here", "save the file as UTF-8");
    }

    private static ModuleFailure Failure(
        string file, Span span, string message, string hint, string? line = null) => new(
        new SireError(SireErrorKind.Module, file, new Diagnostic(span, message, hint), line));
}

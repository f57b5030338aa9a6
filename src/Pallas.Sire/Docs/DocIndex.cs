using Pallas.Sire.Errors;

namespace Pallas.Sire.Docs;

/// <summary>An index of the documentation of several modules.</summary>
public sealed class DocIndex
{
    private readonly Dictionary<string, List<DocEntry>> byName = [];

    /// <param name="modules">In any order.</param>
    public DocIndex(IEnumerable<ModuleDoc> modules)
    {
        Modules = InOrder([.. modules]);
        foreach (var entry in Modules.SelectMany(module => module.Entries))
            foreach (var name in entry.Names)
            {
                Add(name.Name, entry);
                if (name.Name is ['#', _, ..])
                    Add(name.Name.TrimStart('#'), entry);
            }
    }

    /// <summary>Each module after its predecessor.</summary>
    public IReadOnlyList<ModuleDoc> Modules { get; }

    /// <summary>All entries for a name, the last definition first. The macro of a named rune is
    /// found with and without its <c>#</c>.</summary>
    public IReadOnlyList<DocEntry> Find(string name) =>
        byName.TryGetValue(name, out var entries) ? [.. entries.AsEnumerable().Reverse()] : [];

    public ModuleDoc? FindModule(string name) => Modules.FirstOrDefault(
        module => module.Name == name);

    /// <summary>A question with the nearest name, or null when none is near.</summary>
    public string? Hint(string name)
    {
        var near = new Nearest(name);
        foreach (var known in byName.Keys.Order(StringComparer.Ordinal))
            near.Offer(known);
        foreach (var module in Modules)
            near.Offer(module.Name);
        return near.Hint;
    }

    /// <summary>The entries with a text in a name, then those with it in the comment. The search
    /// ignores case.</summary>
    public IEnumerable<DocEntry> Search(string text)
    {
        var entries = Modules.SelectMany(module => module.Entries)
            .Where(entry => !entry.IsForChecks)
            .ToList();
        var named = entries.Where(entry => entry.Names.Any(name => Has(name.Name, text))).ToList();
        return named.Concat(
            entries.Where(entry => Has(string.Join(' ', entry.Text), text)).Except(named));
    }

    private static bool Has(string where, string what) =>
        where.Contains(what, StringComparison.OrdinalIgnoreCase);

    private void Add(string name, DocEntry entry)
    {
        if (!byName.TryGetValue(name, out var entries))
            byName[name] = entries = [];
        if (!entries.Contains(entry))
            entries.Add(entry);
    }

    private static List<ModuleDoc> InOrder(List<ModuleDoc> modules)
    {
        List<ModuleDoc> ordered = [];
        var known = modules.Select(module => module.Name).ToHashSet();
        var rest = modules.OrderBy(module => module.Name, StringComparer.Ordinal).ToList();
        while (rest.Count > 0)
        {
            var next = rest.FindIndex(module =>
                module.Predecessor is not { } before || !known.Contains(before)
                || ordered.Exists(done => done.Name == before));
            next = Math.Max(next, 0);
            ordered.Add(rest[next]);
            rest.RemoveAt(next);
        }
        return ordered;
    }
}

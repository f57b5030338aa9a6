using System.Collections.Frozen;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Eval;

/// <summary>The jets that an evaluation may use, found by the name and the hash of a law.</summary>
public sealed class JetTable
{
    private readonly Jet[] jets;
    private readonly FrozenDictionary<Nat, Entry> byName;
    private readonly Action<Pin>? onMismatch;
    private readonly Action<Jet>? onFallback;

    private JetTable(
        JetTable table, Action<Pin>? onMismatch, Action<Jet>? onFallback, CodeCache code)
    {
        jets = table.jets;
        byName = table.byName;
        this.onMismatch = onMismatch;
        this.onFallback = onFallback;
        Code = code;
    }

    internal JetTable(IEnumerable<Jet> jets, CodeCache? code = null)
    {
        Code = code ?? new CodeCache();
        this.jets = [.. jets];
        Array.ForEach(this.jets, Check);
        byName = this.jets.ToFrozenDictionary(jet => (Nat)Nat.OfText(jet.Name), Entry.Of);
    }

    /// <summary>Refuses a jet that compiled code has no stub for, or that names an argument which
    /// it does not have.</summary>
    private static void Check(Jet jet)
    {
        if (jet.Arity is < 1 or > Jet.ArityMax)
        {
            throw new InvalidOperationException(
                $"the jet {jet.Name} has {jet.Arity} arguments; give it 1 to {Jet.ArityMax}");
        }
        byte[] order = [.. jet.Force, .. jet.Late];
        if (order.Any(index => index < 1 || index > jet.Arity)
            || order.Distinct().Count() < order.Length)
        {
            throw new InvalidOperationException(
                $"the jet {jet.Name} evaluates the arguments {string.Join(' ', order)} of "
                    + $"{jet.Arity}; name each at most once");
        }
        if (jet.Late.Length > 0 && jet.Shortcut is null)
        {
            throw new InvalidOperationException(
                $"the jet {jet.Name} has a late argument and no shortcut that could do without");
        }
    }

    /// <summary>No jets: every law runs as it is written.</summary>
    public static JetTable None { get; } = new([]);

    public static JetTable All { get; } = new(
    [
        .. ControlJets.All,
        .. NatJets.All,
        .. BitJets.All,
        .. OrderJets.All,
        .. ReflectionJets.All,
        .. RowJets.All,
        .. SetJets.All,
        .. TabJets.All,
        .. PadJets.All,
        .. BarJets.All,
        .. WordJets.All,
        .. SeedJets.All,
    ]);

    public IReadOnlyList<Jet> Jets => jets;

    /// <summary>The machine code of laws whose calls were matched with this table. A table that
    /// is derived from another one shares it.</summary>
    internal CodeCache Code { get; }

    /// <summary>The same table with machine code of its own: for tests.</summary>
    internal JetTable WithCode(CodeCache code) => new(this, onMismatch, onFallback, code);

    /// <summary>The same table without some jets; unknown names are passed over.</summary>
    public JetTable Without(params IEnumerable<string> names)
    {
        var dropped = names.ToHashSet();
        return new JetTable(jets.Where(jet => !dropped.Contains(jet.Name)), Code);
    }

    /// <summary>Only the jets of the given names.</summary>
    public JetTable Only(params IEnumerable<string> names)
    {
        var kept = names.ToHashSet();
        return new JetTable(jets.Where(jet => kept.Contains(jet.Name)), Code);
    }

    /// <summary>The same table, which reports calls that look like those of a jet and run a law.
    /// </summary>
    /// <param name="onMismatch">Called with a pinned law that has a jet's name but another hash,
    /// when that law first runs. If it throws, it is called again at the next run.</param>
    /// <param name="onFallback">Called each time that a jet leaves its arguments to the law. May
    /// throw.</param>
    public JetTable Watched(Action<Pin>? onMismatch, Action<Jet>? onFallback) =>
        new(this, onMismatch, onFallback, Code);

    /// <exception cref="KeyNotFoundException">The table has no such jet.</exception>
    internal Jet Find(string name) => byName[Nat.OfText(name)].Jet;

    /// <summary>The native code of a pinned law; null where it has none.</summary>
    public Jet? Match(Pin pin) =>
        pin.Item is Law law && byName.TryGetValue(law.Name, out var entry)
            && entry.Hashes.Contains(pin.Hash)
            ? entry.Jet
            : null;

    /// <summary>Whether a run of the pinned law is to be reported.</summary>
    internal bool IsWatched(Pin pin) => onMismatch is not null && IsMismatch(pin);

    internal void ReportMismatch(Pin pin) => onMismatch?.Invoke(pin);

    internal void ReportFallback(Jet jet) => onFallback?.Invoke(jet);

    /// <summary>Whether the pinned law has the name of a jet, but another hash.</summary>
    public bool IsMismatch(Pin pin) =>
        pin.Item is Law law && byName.TryGetValue(law.Name, out var entry)
            && !entry.Hashes.Contains(pin.Hash);

    private sealed record Entry(Jet Jet, Hash256[] Hashes)
    {
        public static Entry Of(Jet jet) =>
            new(jet, [.. jet.Hashes.Select(hash => Hash256.Parse(hash))]);
    }
}

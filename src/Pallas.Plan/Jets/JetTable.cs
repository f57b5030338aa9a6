using System.Collections.Frozen;

namespace Pallas.Plan;

/// <summary>The jets that an evaluation may use, found by the name and the hash of a law.</summary>
public sealed class JetTable
{
    private readonly Jet[] jets;
    private readonly FrozenDictionary<Nat, Entry> byName;
    private readonly Action<Pin>? onMismatch;
    private readonly Action<Jet>? onFallback;

    private JetTable(JetTable table, Action<Pin>? onMismatch, Action<Jet>? onFallback)
    {
        jets = table.jets;
        byName = table.byName;
        this.onMismatch = onMismatch;
        this.onFallback = onFallback;
    }

    internal JetTable(IEnumerable<Jet> jets)
    {
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

    /// <summary>No jet at all: every law runs as it is written.</summary>
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
        .. Word32Jets.All,
        .. Word64Jets.All,
        .. SeedJets.All,
    ]);

    public IReadOnlyList<Jet> Jets => jets;

    /// <summary>The same table without some jets; unknown names are passed over.</summary>
    public JetTable Without(params IEnumerable<string> names)
    {
        var dropped = names.ToHashSet();
        return new JetTable(jets.Where(jet => !dropped.Contains(jet.Name)));
    }

    /// <summary>Only the jets of the given names.</summary>
    public JetTable Only(params IEnumerable<string> names)
    {
        var kept = names.ToHashSet();
        return new JetTable(jets.Where(jet => kept.Contains(jet.Name)));
    }

    /// <summary>The same table, telling when a jet is not used where one might think so.</summary>
    /// <param name="onMismatch">Gets a pinned law that has a jet's name but is another law, when
    /// it is first run. May throw: then it gets it each time.</param>
    /// <param name="onFallback">Gets a jet that leaves its arguments to the law, each time. May
    /// throw.</param>
    public JetTable Watched(Action<Pin>? onMismatch, Action<Jet>? onFallback) =>
        new(this, onMismatch, onFallback);

    /// <exception cref="KeyNotFoundException">The table has no such jet.</exception>
    internal Jet Find(string name) => byName[Nat.OfText(name)].Jet;

    /// <summary>The native code of a pinned law; null where it has none.</summary>
    public Jet? Match(Pin pin) =>
        pin.Item is Law law && byName.TryGetValue(law.Name, out var entry)
            && entry.Hashes.Contains(pin.Hash)
            ? entry.Jet
            : null;

    /// <summary>Whether somebody wants to be told when the pinned law is run.</summary>
    internal bool IsWatched(Pin pin) => onMismatch is not null && IsMismatch(pin);

    internal void TellMismatch(Pin pin) => onMismatch?.Invoke(pin);

    internal void TellFallback(Jet jet) => onFallback?.Invoke(jet);

    /// <summary>Whether the pinned law bears the name of a jet but is another law.</summary>
    public bool IsMismatch(Pin pin) =>
        pin.Item is Law law && byName.TryGetValue(law.Name, out var entry)
            && !entry.Hashes.Contains(pin.Hash);

    private sealed record Entry(Jet Jet, Hash256[] Hashes)
    {
        public static Entry Of(Jet jet) =>
            new(jet, [.. jet.Hashes.Select(hash => Hash256.Parse(hash))]);
    }
}

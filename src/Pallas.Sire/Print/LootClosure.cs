using Pallas.Rex;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Sire.Print;

/// <summary>
/// A value and the pins in it, numbered in the order of a walk: heads before arguments, and a pin
/// whose content is shown after the pins in that content. Pins of one hash are one pin.
/// </summary>
internal sealed class LootClosure
{
    private readonly Nat[] names;
    private readonly Dictionary<Nat, int> indexByName = [];

    private LootClosure(LootTree top, IReadOnlyList<Entry> pins)
    {
        Top = top;
        Pins = pins;
        names = LootNames.Assign([.. pins.Select(entry => entry.Tag)]);
        for (var i = 0; i < names.Length; i++)
            indexByName[names[i]] = i;
    }

    /// <param name="Tag">The name of the law that the pin holds, through pins of pins; 0 without a
    /// law.</param>
    /// <param name="Content">The content of the pin; null if only its name is shown.</param>
    public readonly record struct Entry(Pin Pin, Nat Tag, LootTree? Content);

    public LootTree Top { get; }

    public IReadOnlyList<Entry> Pins { get; }

    /// <summary>The name of a pin in the text; no two pins share one.</summary>
    public Nat NameOf(int pin) => names[pin];

    /// <summary>Whether the name is that of a pin that occurs there.</summary>
    public bool Occurs(Nat name, RefSpan refs) =>
        indexByName.TryGetValue(name, out var pin) && refs.Contains(pin);

    /// <param name="value">In normal form.</param>
    /// <param name="deep">Whether to show the content of every pin. Else only the value itself
    /// shows its content if it is a pin, and so on if that content is a pin.</param>
    /// <param name="partsMax">The approximate number of parts to show; the others are cut.</param>
    public static LootClosure Load(Value value, bool deep, int partsMax)
    {
        var loader = new Loader(deep, partsMax);
        var top = loader.Top(value);
        return new LootClosure(top, loader.Pins);
    }

    private sealed class Loader(bool deep, int partsMax)
    {
        private const int BytesPerPart = 16;

        /// <summary>A signature shows this many arguments at most.</summary>
        private const int ArgsMax = 1 << 16;

        /// <summary>This many arguments of a law do not count as parts.</summary>
        private const int ArgsFree = 16;

        private readonly List<Entry> pins = [];
        private readonly Dictionary<Pin, int> indexes = new(ReferenceEqualityComparer.Instance);
        private readonly Dictionary<Nat, Namesakes> namesakes = [];
        private readonly Dictionary<Pin, Nat> tags = new(ReferenceEqualityComparer.Instance);
        private RefLog refs = new();
        private long partsLeft = partsMax;

        /// <summary>A value whose parts are loading. The part of a law is its body; those of a tab
        /// are its keys and values, alternating.</summary>
        private sealed class Frame(Value value, int refsStart)
        {
            public int Next { get; set; }

            /// <summary>Of a law.</summary>
            public int ArgsShown { get; init; }

            public List<LootTree> Parts { get; } = [];

            public int Count { get; } = value switch
            {
                Row row => row.Count,
                Set set => set.Count,
                Tab tab => 2 * tab.Count,
                App app => app.Count + 1,
                _ => 1,
            };

            public Value Part(int index) => value switch
            {
                Row row => row[index],
                Set set => set[index].Resolved,
                Tab tab => index % 2 == 0
                    ? tab.KeyAt(index / 2).Resolved
                    : tab.ValueAt(index / 2),
                App app => index == 0 ? app.Head : app[index - 1],
                _ => ((Law)value).Body.Resolved,
            };

            public LootTree Finish(RefLog refs)
            {
                if (value is Tab && Parts.Count % 2 == 1)
                    Parts.Add(LootTree.Cut.Instance);
                LootTree[] parts = [.. Parts];
                return value switch
                {
                    Row => new LootTree.Items(parts),
                    Set => new LootTree.Keys(parts),
                    Tab => new LootTree.Pairs(parts),
                    App => new LootTree.Apply(parts),
                    _ => Function((Law)value, parts[0], refs),
                };
            }

            private LootTree.Function Function(Law law, LootTree body, RefLog refs) =>
                new(
                    law.Name, law.ArgCount, ArgsShown, body,
                    new RefSpan(refs, refsStart, refs.Count));
        }

        /// <summary>Pins with the same name. The table by hash is filled when a second pin is
        /// looked up; until then only the first is known.</summary>
        private sealed record Namesakes(int First, Dictionary<Hash256, int> IndexByHash);

        public IReadOnlyList<Entry> Pins => pins;

        public LootTree Top(Value value)
        {
            value = value.Resolved;
            if (deep)
                return Tree(value);
            var shown = new Stack<Pin>();
            for (; value is Pin pin; value = pin.Item)
                shown.Push(pin);
            var tree = Tree(value);
            while (shown.TryPop(out var pin))
                tree = new LootTree.Ref(Add(pin, tree));
            return tree;
        }

        /// <summary>Unfinished parts wait on a stack of their own: a garbage collection walks
        /// native frames, so deep recursion that allocates is slow.</summary>
        private LootTree Tree(Value value)
        {
            if (!StackGuard.HasRoom)
                return StackGuard.OnFreshStack(() => Tree(value));
            var frames = new Stack<Frame>();
            var done = Enter(value, frames);
            while (frames.TryPeek(out var frame))
            {
                if (done is not null)
                    frame.Parts.Add(done);
                if (done is LootTree.Cut && partsLeft <= 0)
                    frame.Next = frame.Count;
                if (frame.Next < frame.Count)
                {
                    done = Enter(frame.Part(frame.Next++), frames);
                }
                else
                {
                    frames.Pop();
                    done = frame.Finish(refs);
                }
            }
            return done!;
        }

        /// <summary>The tree of a value; or null after pushing a frame for its parts.</summary>
        private LootTree? Enter(Value value, Stack<Frame> frames)
        {
            if (partsLeft <= 0)
                return LootTree.Cut.Instance;
            partsLeft--;
            switch (value)
            {
                case Nat nat:
                    return Fits(nat.BitLength / 8)
                        ? new LootTree.Number(nat)
                        : LootTree.Cut.Instance;
                case Bar bar:
                    return Fits(bar.Count) ? new LootTree.Bytes(bar) : LootTree.Cut.Instance;
                case Pin pin:
                    return Ref(pin);
                case Cow cow:
                    return new LootTree.Maker(cow.Size);
                case App app when QuotedRex.Match(app) is not null:
                    return new LootTree.Quoted(QuotedRex.ToTree(app, Embed, CutRex));
                case Thunk:
                    // The value was not in normal form, and printing evaluates nothing.
                    return LootTree.Cut.Instance;
                default:
                    frames.Push(new Frame(value, refs.Count)
                    {
                        ArgsShown = value is Law law ? TakeArgs(law.ArgCount) : 0,
                    });
                    return null;
            }
        }

        private RexEmbed Embed(Value value, bool isRex) =>
            new(new Embedded(Tree(value), isRex));

        /// <summary>Uses up one part and returns null; or a cut, if no parts are left.</summary>
        private RexEmbed? CutRex() => partsLeft-- > 0
            ? null
            : new RexEmbed(new Embedded(LootTree.Cut.Instance, IsRex: true));

        /// <summary>The number of arguments of a law to show; those beyond
        /// <see cref="ArgsFree"/> count as parts.</summary>
        private int TakeArgs(Nat argCount)
        {
            var wanted = argCount is SmallNat { Word: < ArgsMax } small
                ? (int)small.Word
                : ArgsMax;
            if (wanted <= ArgsFree || partsMax == int.MaxValue)
                return wanted;
            var shown = (int)Math.Min(wanted, ArgsFree + Math.Max(0, partsLeft));
            partsLeft -= shown - ArgsFree;
            return shown;
        }

        private bool Fits(long bytes)
        {
            if (partsMax == int.MaxValue)
                return true;
            partsLeft -= bytes / BytesPerPart;
            return partsLeft >= 0;
        }

        private LootTree.Ref Ref(Pin pin)
        {
            if (Find(pin) is not { } index)
                index = Add(pin, deep ? Content(pin) : null);
            refs.Add(index);
            return new LootTree.Ref(index);
        }

        private LootTree Content(Pin pin)
        {
            var outer = refs;
            refs = new RefLog();
            var content = Tree(pin.Item);
            refs = outer;
            return content;
        }

        /// <summary>The number of this pin or of an equal one. To hash a large pin is slow, so only
        /// pins with the same name are compared.</summary>
        private int? Find(Pin pin)
        {
            if (indexes.TryGetValue(pin, out var known))
                return known;
            if (!namesakes.TryGetValue(Tag(pin), out var others))
                return null;
            if (others.IndexByHash.Count == 0)
                others.IndexByHash[pins[others.First].Pin.Hash] = others.First;
            if (others.IndexByHash.TryGetValue(pin.Hash, out var equal))
                return indexes[pin] = equal;
            return null;
        }

        private int Add(Pin pin, LootTree? content)
        {
            var index = pins.Count;
            var tag = Tag(pin);
            pins.Add(new Entry(pin, tag, content));
            indexes[pin] = index;
            if (!namesakes.TryGetValue(tag, out var others))
                namesakes[tag] = new Namesakes(index, []);
            else if (others.IndexByHash.Count > 0)
                others.IndexByHash[pin.Hash] = index;
            return index;
        }

        private Nat Tag(Pin pin)
        {
            var chain = new List<Pin>();
            Value item = pin;
            var tag = (Nat)Nat.Zero;
            for (; item is Pin next; item = next.Item)
            {
                if (tags.TryGetValue(next, out var known))
                {
                    tag = known;
                    break;
                }
                chain.Add(next);
            }
            if (item is Law law)
                tag = law.Name;
            foreach (var member in chain)
                tags[member] = tag;
            return tag;
        }
    }
}

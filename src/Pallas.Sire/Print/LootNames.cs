using System.Globalization;
using Pallas.Values;

namespace Pallas.Sire.Print;

/// <summary>Unique names for pins and variables.</summary>
internal static class LootNames
{
    /// <summary>A tag that occurs once is the name. Repeated tags get a number each, <c>foo_1
    /// foo_2</c>, skipping names that are taken.</summary>
    public static Nat[] Assign(IReadOnlyList<Nat> tags)
    {
        var counts = new Dictionary<Nat, int>();
        foreach (var tag in tags)
            counts[tag] = counts.GetValueOrDefault(tag) + 1;
        var nexts = new Dictionary<Nat, int>();
        var names = new Nat[tags.Count];
        for (var i = 0; i < names.Length; i++)
        {
            var tag = tags[i];
            names[i] = tag;
            if (counts[tag] == 1)
            {
                nexts[tag] = nexts.GetValueOrDefault(tag, 1) + 1;
                continue;
            }
            var stem = LootLeaf.KeyText(tag);
            var number = nexts.GetValueOrDefault(tag, 1);
            do
            {
                names[i] = Nat.OfText(string.Create(
                    CultureInfo.InvariantCulture, $"{stem}_{number++}"));
            }
            while (counts.ContainsKey(names[i]) || nexts.ContainsKey(names[i]));
            nexts[tag] = number;
            nexts[names[i]] = 1;
        }
        return names;
    }

    /// <summary>The names of variables, by index from 0: <c>a .. z aa ab .. zz aaa ..</c></summary>
    public static Nat Variable(int index)
    {
        var letters = new Stack<char>();
        for (var rest = (long)index + 1; rest > 0; rest = (rest - 1) / 26)
            letters.Push((char)('a' + (rest - 1) % 26));
        return Nat.OfText(string.Concat(letters));
    }
}

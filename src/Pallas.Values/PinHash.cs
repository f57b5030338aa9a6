using System.Buffers.Binary;
using Pallas.Values.Hashing;

namespace Pallas.Values;

/// <summary>
/// The hash that names a pin: BLAKE3 of the canonical encoding of its item.
///
/// Frozen encoding, integers as 64-bit little-endian words:
/// <list type="bullet">
/// <item>0 pin: the 32 bytes of its hash</item>
/// <item>1 law: name, number of arguments, body</item>
/// <item>2 app: number of arguments, head, arguments</item>
/// <item>3 nat: the nat</item>
/// <item>4 bar: number of bytes, bytes</item>
/// <item>5 cow: its size as a nat</item>
/// <item>6 row, 7 set: count, items; 8 tab: count, keys, values</item>
/// </list>
/// A nat is the number of its words and then those words; zero has none.
/// Sharing is unfolded: the cost is that of the value written out as a tree.
/// </summary>
public static class PinHash
{
    private const byte PinTag = 0;
    private const byte LawTag = 1;
    private const byte AppTag = 2;
    private const byte NatTag = 3;
    private const byte BarTag = 4;
    private const byte CowTag = 5;
    private const byte RowTag = 6;
    private const byte SetTag = 7;
    private const byte TabTag = 8;

    private const int OpeningBytes = 1 + sizeof(ulong);

    /// <param name="item">In normal form.</param>
    public static Hash256 Of(Value item)
    {
        if (item.Resolved is Bar bytes)
            return OfBar(bytes);
        var hasher = new Blake3Hasher();
        var walk = new ValueWalk();
        var value = item.Resolved;
        do
        {
            if (value is Pin pin)
            {
                // The hash stands for what is inside.
                AddHash(hasher, HashOf(pin));
                continue;
            }

            AddOpening(hasher, value);
            walk.Enter(value);
        }
        while (walk.MoveNext(out value));
        return hasher.Finish();
    }

    /// <summary>
    /// The hash of a pin inside another one. Pins that it needs and that have none yet are hashed
    /// first, from an explicit stack: pins may be nested a million deep.
    /// </summary>
    private static Hash256 HashOf(Pin pin)
    {
        if (pin.HasHash)
            return pin.Hash;

        var todo = new Stack<Pin>();
        todo.Push(pin);
        while (todo.TryPeek(out var next))
        {
            var before = todo.Count;
            if (!next.HasHash)
                PushUnhashed(next.Item, todo);
            if (todo.Count > before)
                continue;
            _ = next.Hash;
            todo.Pop();
        }

        return pin.Hash;
    }

    private static void PushUnhashed(Value item, Stack<Pin> todo)
    {
        var walk = new ValueWalk();
        var value = item.Resolved;
        do
        {
            if (value is not Pin pin)
                walk.Enter(value);
            else if (!pin.HasHash)
                todo.Push(pin);
        }
        while (walk.MoveNext(out value));
    }

    private static void AddHash(Blake3Hasher hasher, Hash256 hash)
    {
        Span<byte> bytes = stackalloc byte[1 + Hash256.BytesCount];
        bytes[0] = PinTag;
        hash.WriteTo(bytes[1..]);
        hasher.Update(bytes);
    }

    /// <summary>All of a value but its parts, which follow in the order of the walk.</summary>
    private static void AddOpening(Blake3Hasher hasher, Value value)
    {
        switch (value)
        {
            case Nat nat:
                hasher.Update(NatTag);
                AddNat(hasher, nat);
                break;
            case App app:
                AddCount(hasher, AppTag, app.Count);
                break;
            case Row row:
                AddCount(hasher, RowTag, row.Count);
                break;
            case Bar bar:
                AddCount(hasher, BarTag, bar.Count);
                hasher.Update(bar.Bytes);
                break;
            case Law law:
                hasher.Update(LawTag);
                AddNat(hasher, law.Name);
                AddNat(hasher, law.ArgCount);
                break;
            case Cow cow:
                hasher.Update(CowTag);
                AddNat(hasher, cow.Size);
                break;
            case Set set:
                AddCount(hasher, SetTag, set.Count);
                break;
            case Tab tab:
                AddCount(hasher, TabTag, tab.Count);
                break;
            default:
                throw new InvalidOperationException("only a value in normal form has a hash");
        }
    }

    private static Hash256 OfBar(Bar bar)
    {
        Span<byte> opening = stackalloc byte[OpeningBytes];
        WriteOpening(opening, BarTag, bar.Count);
        return Blake3.Hash(opening, bar.Bytes);
    }

    private static void AddCount(Blake3Hasher hasher, byte tag, int count)
    {
        Span<byte> bytes = stackalloc byte[OpeningBytes];
        WriteOpening(bytes, tag, count);
        hasher.Update(bytes);
    }

    private static void WriteOpening(Span<byte> bytes, byte tag, int count)
    {
        bytes[0] = tag;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[1..], (ulong)count);
    }

    private static void AddNat(Blake3Hasher hasher, Nat nat)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (nat is SmallNat small)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, small.Word == 0 ? 0u : 1u);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], small.Word);
            hasher.Update(small.Word == 0 ? bytes[..8] : bytes);
            return;
        }

        var words = nat.ToBytes();
        Array.Resize(ref words, (words.Length + 7) & ~7);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)words.Length / 8);
        hasher.Update(bytes[..8]);
        hasher.Update(words);
    }
}

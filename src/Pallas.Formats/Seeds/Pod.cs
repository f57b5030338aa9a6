using System.Diagnostics.CodeAnalysis;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Formats.Seeds;

/// <summary>
/// A pin with all that it refers to, each pin once: <c>SEEDPOD:</c> and then the seed of
/// <c>[hash of the top pin, [[germ, [place of each reference]] ..]]</c>. A pin stands after those
/// it refers to, the top pin last. Hashes are bars of 32 bytes, germs bars, places count from 0.
/// </summary>
public static class Pod
{
    /// <summary>
    /// Loading hashes every pin, at the cost of its unfolded size; beyond this a pod of strangers
    /// is refused. About ten seconds of hashing.
    /// </summary>
    private const long HashedSizeMax = 1L << 28;

    private static ReadOnlySpan<byte> Magic => "SEEDPOD:"u8;

    public static byte[] Write(Pin top)
    {
        var places = new Dictionary<Hash256, int>();
        var entries = new List<Value>();
        var todo = new Stack<(Pin Pin, int NextRef)>();
        todo.Push((top, 0));
        while (todo.TryPop(out var step))
        {
            (var pin, var nextRef) = step;
            if (places.ContainsKey(pin.Hash))
                continue;
            if (nextRef < pin.Refs.Count)
            {
                todo.Push((pin, nextRef + 1));
                todo.Push((pin.Refs[nextRef], 0));
                continue;
            }

            var refs = pin.Refs.Select(inner => (Value)places[inner.Hash]).ToArray();
            places.Add(pin.Hash, entries.Count);
            entries.Add(Row.Of(Bar.Of(Germ.Write(pin)), Row.Of(refs)));
        }

        var noun = Row.Of(Bar.Of(top.Hash.ToBytes()), Row.Of([.. entries]));
        return [.. Magic, .. SeedWriter.Write(noun)];
    }

    /// <param name="trusted">As for <see cref="SeedReader"/>.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Pin? pin,
        [NotNullWhen(false)] out SeedError? error, bool trusted = false)
    {
        pin = null;
        if (!bytes.StartsWith(Magic))
        {
            error = new SeedError(0, "a pod starts with SEEDPOD:");
            return false;
        }

        if (!SeedReader.TryRead(bytes[Magic.Length..], out var noun, out error, trusted))
        {
            error = error with { Offset = error.Offset + Magic.Length };
            return false;
        }

        var message = TryBuild(noun, trusted, out pin);
        error = message is null ? null : new SeedError(Magic.Length, message);
        return pin is not null && error is null;
    }

    /// <returns>What is wrong, or null.</returns>
    private static string? TryBuild(Value noun, bool trusted, out Pin? top)
    {
        top = null;
        if (noun is not Row { Count: 2 } pod || pod[0] is not Bar { Count: 32 } hash
            || pod[1] is not Row entries)
            return "a pod is a row of a hash and a row of pins";
        if (entries.Count == 0)
            return "a pod without pins";

        var pins = new Pin[entries.Count];
        long hashedSize = 0;
        for (var i = 0; i < pins.Length; i++)
        {
            if (entries[i] is not Row { Count: 2 } entry || entry[0] is not Bar germ
                || entry[1] is not Row places)
                return $"pin {i} of the pod is no row of a germ and a row of places";

            var holes = new Pin[places.Count];
            for (var k = 0; k < holes.Length; k++)
            {
                if (places[k] is not SmallNat place || place.Word >= (ulong)i)
                    return $"pin {i} of the pod refers to one that is not before it";
                holes[k] = pins[(int)place.Word];
            }

            if (!SeedReader.TryRead(germ.Bytes, holes, trusted, out var item,
                out var error, out var unfoldedSize))
                return $"pin {i} of the pod: {error}";
            hashedSize += unfoldedSize;
            if (!trusted && hashedSize > HashedSizeMax)
                return $"pin {i} of the pod unfolds to more than can be hashed";
            pins[i] = Pin.Make(item);
        }

        if (pins[^1].Hash != Hash256.FromBytes(hash.Bytes))
            return "the top pin of the pod does not have the hash that the pod names";
        top = pins[^1];
        return null;
    }
}

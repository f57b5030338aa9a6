using Pallas.Formats.Pins;
using Pallas.Formats.Seeds;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Fuzz;

/// <summary>Seeds: what is read strictly is written back, and that reads and is written the same.
/// </summary>
public sealed class SeedTarget() : FuzzTarget("seed")
{
    public override byte[] Make(RandomStream random) => SeedMaker.Make(random);

    public override object? Read(byte[] input)
    {
        if (SeedReader.TryRead(input, out var value, out var error))
            return value;
        _ = error.ToString();
        return null;
    }

    public override void Check(object value, byte[] input)
    {
        var written = SeedWriter.Write((Value)value);
        if (!SeedReader.TryRead(written, out var again, out var error, trusted: true))
            throw new PropertyFailure($"what was read is written as no seed: {error}");
        if (!written.AsSpan().SequenceEqual(SeedWriter.Write(again)))
            throw new PropertyFailure("what was read is written in two ways");
    }
}

/// <summary>Seeds in which any value may be applied to any other.</summary>
public sealed class SeedExpressionTarget() : FuzzTarget("seed-expression")
{
    public override byte[] Make(RandomStream random) => SeedMaker.Make(random);

    public override object? Read(byte[] input) =>
        SeedReader.TryReadExpression(
            input, (head, tail) => Row.Of(head, tail), out var value, out _)
            ? value
            : null;
}

/// <summary>Germs with three holes.</summary>
public sealed class GermTarget() : FuzzTarget("germ")
{
    internal static readonly Pin[] Holes =
    [
        Pin.Make(Nat.Of(7)),
        Pin.Make(Law.Make(Nat.OfText("id"), Nat.One, Nat.One)),
        Pin.Make(Row.Of(Pin.Make(Nat.Of(9)), Nat.Of(8))),
    ];

    public override byte[] Make(RandomStream random) => SeedMaker.Make(random, Holes.Length);

    public override object? Read(byte[] input) =>
        Germ.TryRead(input, Holes, out var item, out _) ? item : null;

    public override void Check(object value, byte[] input)
    {
        // With holes beside it, what is one entry of the table cannot be written.
        if (value is Nat or Pin)
            return;
        var written = SeedWriter.Write((Value)value, Holes);
        if (!SeedReader.TryRead(written, Holes, trusted: true, out var again, out _, out _))
            throw new PropertyFailure("what was read is written as no germ");
        if (!written.AsSpan().SequenceEqual(SeedWriter.Write(again, Holes)))
            throw new PropertyFailure("what was read is written in two ways");
    }
}

/// <summary>Pins as a store keeps them.</summary>
public sealed class BlobTarget() : FuzzTarget("pin-blob")
{
    private static readonly Dictionary<Hash256, Pin> Pins =
        GermTarget.Holes.ToDictionary(pin => pin.Hash);

    public override byte[] Make(RandomStream random)
    {
        if (random.OneIn(2))
            return PinBlob.Write(Pin.Make(ValueMaker.Make(random)));
        byte[] head = [.. BitConverter.GetBytes((ulong)GermTarget.Holes.Length)];
        return [.. head, .. GermTarget.Holes.SelectMany(pin => pin.Hash.ToBytes()),
            .. SeedMaker.Make(random, GermTarget.Holes.Length)];
    }

    public override object? Read(byte[] input)
    {
        PinBlob.TryReadRefs(input, out _, out _);
        return PinBlob.TryRead(input, Pins.GetValueOrDefault, out var item, out _) ? item : null;
    }
}

/// <summary>Pins with all that they refer to: the top hash holds, and what is read is written.
/// </summary>
public sealed class PodTarget() : FuzzTarget("pod")
{
    /// <summary>A pod's pins are hashed, which takes what they unfold to: ten seconds at most.
    /// </summary>
    public override int TimeBaseMs => 30_000;

    public override byte[] Make(RandomStream random)
    {
        if (random.OneIn(2))
            return Pod.Write(Pin.Make(ValueMaker.Make(random)));
        var germs = new List<Value>();
        for (var i = 0; i <= random.Skewed(5); i++)
        {
            var places = new Value[random.Below(i + 1)];
            for (var k = 0; k < places.Length; k++)
                places[k] = Nat.Of((ulong)random.Below(i));
            germs.Add(Row.Of(
                Bar.Of(SeedMaker.Make(random, places.Length)), Row.Of(places)));
        }
        var noun = Row.Of(Bar.Of(random.Bytes(32)), Row.Of([.. germs]));
        return [.. "SEEDPOD:"u8, .. SeedWriter.Write(noun)];
    }

    public override object? Read(byte[] input) =>
        Pod.TryRead(input, out var pin, out _) ? pin : null;

    public override void Check(object value, byte[] input)
    {
        var pin = (Pin)value;
        if (!Pod.TryRead(Pod.Write(pin), out var again, out _, trusted: true)
            || again.Hash != pin.Hash)
            throw new PropertyFailure("what was read is written as another pod");
    }

    public override byte[] Mutate(byte[] input, byte[] other, RandomStream random)
    {
        // Half of the damage is done inside a germ, under layers that stay whole.
        if (random.OneIn(2) || input.Length < 8
            || !SeedReader.TryRead(input.AsSpan(8), out var noun, out _)
            || noun is not Row { Count: 2 } pod || pod[1] is not Row { Count: > 0 } entries)
            return base.Mutate(input, other, random);
        var items = entries.ToArray();
        var at = random.Below(items.Length);
        if (items[at] is not Row { Count: 2 } entry || entry[0] is not Bar germ)
            return base.Mutate(input, other, random);
        var damaged = ByteMutator.Mutate(germ.Bytes.ToArray(), other, random);
        items[at] = Row.Of(Bar.Of(damaged), entry[1]);
        return [.. "SEEDPOD:"u8, .. SeedWriter.Write(Row.Of(pod[0], Row.Of(items)))];
    }
}

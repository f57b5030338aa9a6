using System.Buffers.Binary;
using Pallas.Formats.Pins;
using Pallas.Eval;
using Pallas.Formats.Seeds;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Store.Snapshots;
using Pallas.Testing;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Fuzz;

/// <summary>Receipts and states of machines, for the targets that read them.</summary>
internal static class MachineMaker
{
    /// <summary>Three cogs; 1 and 2 run and show requests, 3 has finished.</summary>
    public static readonly MachineState State = MachineState.Empty
        .With(new CogId(1), CogState.Of(Cog(
            Row.Of("eval", 10, 3, 5), Row.Of("cog", "spin", Nat.Of(3)), Nat.Zero,
            Row.Of("cog", "ask", 2, "port", "hi"), Row.Of("cog", "stop", 3))))
        .With(new CogId(2), CogState.Of(Cog(
            Row.Of("cog", "tell", "port", Nat.Of(3)), Row.Of("time", 0, "when"))))
        .With(new CogId(3), CogState.Of(Nat.Of(5)));

    /// <summary>One that becomes itself at every event.</summary>
    private static Value Cog(params Value[] requests)
    {
        var function = Law.Make(
            Nat.OfText("cog"), Nat.Of(2),
            App.Make(Nat.Zero, Nat.Zero, Nat.One));
        return App.Make(function, Row.Of(requests));
    }

    public static Value Receipt(RandomStream random)
    {
        Value cog = Nat.Of((ulong)random.Below(4));
        return random.Below(5) switch
        {
            0 => Row.Of(1, cog, ValueMaker.Number(random), ValueMaker.Make(random)),
            1 => Row.Of(2, cog, ValueMaker.Number(random)),
            _ => Row.Of(0, cog, Items(random)),
        };
    }

    public static Value GoodReceipt(RandomStream random)
    {
        while (true)
        {
            var receipt = Receipt(random);
            if (Machine.Receipt.Read(receipt) is not null)
                return receipt;
        }
    }

    private static Tab Items(RandomStream random)
    {
        var tab = Tab.Empty;
        for (var i = random.Below(4); i > 0; i--)
            tab = tab.With(Nat.Of((ulong)random.Skewed(8)), Item(random));
        return tab;
    }

    private static Value Item(RandomStream random)
    {
        Value small = Nat.Of((ulong)random.Below(5));
        return random.Below(8) switch
        {
            0 => Nat.Zero,
            1 => Row.Of(1, ValueMaker.Make(random)),
            2 => Row.Of(2, small, Nat.Of((ulong)random.Below(5))),
            3 => Row.Of(3),
            7 => ValueMaker.Make(random),
            var kind => Row.Of(Nat.Of((ulong)kind), small),
        };
    }
}

/// <summary>
/// Seeds that may hold the receipts of a record, or a cog's state: what is read is written back;
/// receipts are replayed on a small machine, or do not fit it.
/// </summary>
public sealed class ReceiptTarget() : FuzzTarget("receipt")
{
    private const int CheckedLengthMax = 1 << 12;

    /// <summary>Replaying evaluates.</summary>
    public override long AllocationBaseBytes => 512L << 20;

    public override byte[] Make(RandomStream random)
    {
        var receipts = new Value[random.Skewed(6)];
        for (var i = 0; i < receipts.Length; i++)
            receipts[i] = MachineMaker.Receipt(random);
        return SeedWriter.Write(random.OneIn(6) ? ValueMaker.Make(random) : Row.Of(receipts));
    }

    public override object? Read(byte[] input)
    {
        if (!SeedReader.TryRead(input, out var value, out _))
            return null;
        _ = CogState.Read(value);
        _ = MachineState.Read(Pin.Make(value));
        if (value is not Row row)
            return null;
        var receipts = row.ToArray().Select(Receipt.Read).ToArray();
        if (receipts.Contains(null))
            return null;
        var evaluator = new Evaluator(TestEval.Plain with
        {
            StepsMax = 1 << 16,
            DepthMax = 1 << 16,
            NatBitsMax = 1 << 16,
        });
        try
        {
            new Replayer(evaluator).Apply(MachineMaker.State, receipts!);
        }
        catch (ReplayError error)
        {
            _ = error.Message;
        }
        return receipts;
    }

    public override void Check(object value, byte[] input)
    {
        if (input.Length > CheckedLengthMax)
            return;
        SeedReader.TryRead(input, out var read, out _);
        var written = Row.Of([.. ((Receipt[])value).Select(receipt => receipt.ToValue())]);
        if (!SeedWriter.Write(read!).AsSpan().SequenceEqual(SeedWriter.Write(written)))
            throw new PropertyFailure("a receipt is written as it was not read");
    }
}

/// <summary>
/// A store that was damaged, or forged so that checksums are right: opening it and reading the
/// snapshot and the log gives what was kept, or a store error.
/// </summary>
/// <remarks>
/// An input is a run of changes, each a byte for the space (with <see cref="Forged"/>: the
/// checksum is put right), one for the key, two for the length, and the new bytes.
/// </remarks>
public sealed class StoreTarget() : FuzzTarget("store")
{
    private const int Forged = 0x80;
    private const int HashBytes = Hash256.BytesCount;

    private static readonly MemoryStore Original = MakeStore();

    public override byte[] Make(RandomStream random)
    {
        var input = new List<byte>();
        for (var i = random.Skewed(4); i >= 0; i--)
        {
            var space = random.Below(4);
            var pairs = Original.Scan((StoreSpace)space, []).ToArray();
            var at = random.Below(pairs.Length + 1);
            var old = at < pairs.Length ? pairs[at].Value : random.Bytes(random.Skewed(80));
            var bytes = Change((StoreSpace)space, old, random);
            var length = Math.Min(bytes.Length, ushort.MaxValue);
            input.Add((byte)(space | (random.OneIn(4) ? 0 : Forged)));
            input.Add((byte)at);
            input.AddRange(BitConverter.GetBytes((ushort)length));
            input.AddRange(bytes[..length]);
        }
        return [.. input];
    }

    private static byte[] Change(StoreSpace space, byte[] old, RandomStream random)
    {
        var pins = Original.Scan(StoreSpace.Pins, []).ToArray();
        switch (random.Below(3))
        {
            case 0 when space == StoreSpace.Pins:
                // A pin that refers to others, or to itself.
                var count = random.Below(3);
                var hashes = Enumerable.Range(0, count).SelectMany(_ => random.Pick(pins).Key);
                return [.. BitConverter.GetBytes((ulong)count), .. hashes,
                    .. SeedMaker.Make(random, count, fragmentsMax: 12)];
            case 1 when space == StoreSpace.Log && old.Length > 72:
                var receipts = Row.Of(MachineMaker.Receipt(random));
                return [.. old[..72], .. PinBlob.Write(Pin.Make(receipts))];
            default:
                return ByteMutator.Mutate(old, random.Pick(pins).Value, random);
        }
    }

    public override object? Read(byte[] input)
    {
        var memory = Original.Crash();
        Damage(memory, input);
        try
        {
            using var store = MachineStore.Open(memory);
            var snapshot = store.Snapshots.LoadLast();
            var isGood = MachineState.Read(snapshot.State) is not null;
            foreach (var record in store.Log.Read(snapshot.Position))
                isGood &= record.Payload is Row row
                    && row.ToArray().All(value => Receipt.Read(value) is not null);
            foreach (var record in store.Log.Read(store.Snapshots.LoadFirst().Position))
                isGood &= record.BytesCount > 0;
            return isGood ? store : null;
        }
        catch (StoreError error) when (error.Kind == StoreErrorKind.Damaged)
        {
            return null;
        }
    }

    private static void Damage(MemoryStore memory, ReadOnlySpan<byte> input)
    {
        while (input.Length >= 4)
        {
            var space = (StoreSpace)(input[0] & 3);
            var pairs = memory.Scan(space, []).ToArray();
            var length = Math.Min(
                BinaryPrimitives.ReadUInt16LittleEndian(input[2..]), input.Length - 4);
            var bytes = input.Slice(4, length).ToArray();
            var key = input[1] < pairs.Length
                ? pairs[input[1]].Key
                : bytes[..Math.Min(bytes.Length, 32)];
            if ((input[0] & Forged) != 0)
                PutChecksum(space, key, bytes);
            memory.Damage(space, key, length == 0 ? null : bytes);
            input = input[(4 + length)..];
        }
    }

    /// <summary>Repairs the checksums. The links between records stay as they are.</summary>
    private static void PutChecksum(StoreSpace space, byte[] key, byte[] bytes)
    {
        if (space is not (StoreSpace.Log or StoreSpace.Snapshots) || bytes.Length < HashBytes)
            return;
        if (space == StoreSpace.Snapshots && key.Length == 8 && bytes.Length >= HashBytes + 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(
                bytes.AsSpan(HashBytes), BinaryPrimitives.ReadUInt64BigEndian(key));
        }
        Blake3.Hash(bytes.AsSpan(HashBytes)).WriteTo(bytes);
    }

    private static MemoryStore MakeStore()
    {
        var random = new RandomStream(1);
        var memory = new MemoryStore();
        MachineStore.Initialize(memory, MachineMaker.State.ToRoot());
        using var store = MachineStore.Open(memory);
        store.BeginWriting();
        for (var i = 0; i < 4; i++)
        {
            var receipts = Enumerable.Range(0, 2).Select(_ => MachineMaker.GoodReceipt(random));
            store.Append(Row.Of([.. receipts]));
            if (i == 1)
                store.Snapshots.Save(
                    new MachineSnapshot(store.Log.Last, MachineMaker.State.ToRoot()));
        }
        return memory.Crash();
    }
}

using Pallas.Eval;
using Pallas.Formats.Chunks;
using Pallas.Sire.Print;
using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Testing;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Fuzz;

/// <summary>
/// Forged chunks, each of which has the right hash. The target reads every part of their value,
/// writes it again, and passes it to a program. The result is a value, or damage.
/// </summary>
/// <remarks>
/// An input is a run of chunks without their version, each after its length (2 bytes), of which
/// the last is read. Where the hash of a pin or chunk belongs stands one byte, its number: so what
/// refers to something mostly finds it.
/// </remarks>
public sealed class ChunkTarget() : FuzzTarget("chunk")
{
    private const byte Version = 1;
    private const byte ShortNat = 0x80;
    private const int TouchedMax = 1 << 12;

    /// <summary>Laws of one and two arguments, what is none, and one that the store has not.
    /// </summary>
    private static readonly Pin[] Pins =
    [
        Pin.Make(Law.Make(Nat.OfText("one"), Nat.One, Nat.One)),
        Pin.Make(Law.Make(Nat.OfText("two"), Nat.Of(2), App.Make(Nat.Zero, Nat.Zero, Nat.One))),
        Pin.Make(Row.Of(1, 2)),
        Pin.Make(Nat.Of(7)),
        Pin.Make("missing"),
    ];

    private static readonly MemoryStore Original = MakeStore();

    /// <summary>Evaluates.</summary>
    public override long AllocationBaseBytes => 512L << 20;

    public override byte[] Make(RandomStream random)
    {
        var input = new List<byte>();
        var kinds = new List<Kind>();
        for (var i = random.Skewed(6); i >= 0; i--)
        {
            var program = new ChunkProgram(random, kinds).Make();
            input.AddRange(BitConverter.GetBytes((ushort)program.Count));
            input.AddRange(program);
        }
        return [.. input];
    }

    public override object? Read(byte[] input)
    {
        var memory = Original.Crash();
        var chunks = Forge(memory, input);
        if (chunks.Count == 0)
            return null;
        try
        {
            using var store = MachineStore.Open(memory);
            if (ChunkReader.ReadWhole(store.Pins, chunks[^1].Bytes) is not { } whole)
                return null;
            Use(whole, store);
            var value = ChunkReader.ReadValue(store.Pins, chunks[^1].Hash);
            Use(value, store);
            return value;
        }
        catch (StoreError error) when (error.Kind == StoreErrorKind.Damaged)
        {
            return null;
        }
    }

    private static void Use(Value value, MachineStore store)
    {
        Touch(value);
        _ = Loot.Show(value, 60);
        new ChunkWriter(store.Pins, new Nowhere()).Write(value);
        var evaluator = new Evaluator(TestEval.WithJets with
        {
            StepsMax = 1 << 14,
            DepthMax = 1 << 14,
            NatBitsMax = 1 << 16,
        });
        foreach (var argument in new Value[] { 1, Row.Of(2, value) })
        {
            try
            {
                evaluator.Reset();
                evaluator.Normalize(evaluator.Apply(value, argument));
            }
            catch (Exception error) when (error is PlanCrash or MachineFault)
            {
                _ = error.Message;
            }
        }
    }

    /// <summary>Looks at all parts of a value that are few, and at the ends of the others; changes
    /// them, as programs do.</summary>
    private static void Touch(Value root)
    {
        var seen = new HashSet<Value>(ReferenceEqualityComparer.Instance);
        var todo = new Stack<Value>([root]);
        while (seen.Count < TouchedMax && todo.TryPop(out var value))
        {
            if (!seen.Add(value))
                continue;
            _ = value.Arity;
            switch (value)
            {
                case Pin pin:
                    todo.Push(pin.Item);
                    break;
                case Law law:
                    todo.Push(law.Body);
                    break;
                case App app:
                    todo.Push(app.Head);
                    Each(app.Count, i => app[i]);
                    break;
                case Row row:
                    Each(row.Count, i => row[i]);
                    break;
                case Set set:
                    Each(set.Count, i => set[i]);
                    if (set.Count > 0)
                        todo.Push(set.With(3).Without(set[0]).Without(1));
                    break;
                case Tab tab:
                    Each(tab.Count, tab.KeyAt);
                    Each(tab.Count, tab.ValueAt);
                    if (tab.Count > 0)
                        todo.Push(tab.With(3, 4).Without(tab.KeyAt(0)).Without(1));
                    break;
            }
        }

        void Each(int count, Func<int, Value> part)
        {
            for (var i = 0; i < count; i = i == 64 ? Math.Max(count - 1, i + 1) : i + 1)
                todo.Push(part(i));
        }
    }

    /// <summary>Puts the chunks of an input into a store, under their hashes.</summary>
    private static List<(Hash256 Hash, byte[] Bytes)> Forge(
        MemoryStore memory, ReadOnlySpan<byte> input)
    {
        var chunks = new List<(Hash256 Hash, byte[] Bytes)>();
        while (input.Length >= sizeof(ushort))
        {
            var length = Math.Min(
                BitConverter.ToUInt16(input), input.Length - sizeof(ushort));
            var bytes = WithHashes(input.Slice(sizeof(ushort), length), chunks);
            var hash = Blake3.Hash(bytes);
            memory.Damage(StoreSpace.Chunks, hash.ToBytes(), bytes);
            chunks.Add((hash, bytes));
            input = input[(sizeof(ushort) + length)..];
        }
        return chunks;
    }

    /// <summary>A chunk with the hashes for which numbers stand.</summary>
    private static byte[] WithHashes(
        ReadOnlySpan<byte> program, List<(Hash256 Hash, byte[] Bytes)> chunks)
    {
        var bytes = new List<byte> { Version };
        for (var at = 0; at < program.Length;)
        {
            var code = (ChunkOp)program[at++];
            bytes.Add((byte)code);
            if (code is ChunkOp.Pin or ChunkOp.ValueChunk or ChunkOp.NodeChunk
                && at < program.Length)
            {
                var number = program[at++];
                var hash = code == ChunkOp.Pin ? Pins[number % Pins.Length].Hash
                    : chunks.Count > 0 ? chunks[number % chunks.Count].Hash
                    : Blake3.Hash([]);
                bytes.AddRange(hash.ToBytes());
            }
            for (var numbers = code.NumbersCount(); numbers > 0; numbers--)
            {
                var (number, shift) = (0ul, 0);
                while (at < program.Length)
                {
                    var next = program[at++];
                    bytes.Add(next);
                    number |= shift < 64 ? (ulong)(next & 0x7F) << shift : 0;
                    shift += 7;
                    if (next < ShortNat)
                        break;
                }
                if (code is not (ChunkOp.BigNat or ChunkOp.Bar))
                    continue;
                var count = (int)Math.Min(number, (ulong)(program.Length - at));
                bytes.AddRange(program.Slice(at, count));
                at += count;
            }
        }
        return [.. bytes];
    }

    private static MemoryStore MakeStore()
    {
        var memory = new MemoryStore();
        MachineStore.Initialize(memory, Pin.Make(Row.Of([.. Pins[..^1]])));
        return memory.Crash();
    }

    private sealed class Nowhere : IChunkSink
    {
        public bool IsKept(Hash256 chunk) => true;

        public void Put(Hash256 hash, byte[] bytes)
        {
        }

        public void Refer(Pin pin)
        {
        }
    }
}

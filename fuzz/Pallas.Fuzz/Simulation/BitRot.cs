using Pallas.Devices;
using Pallas.Eval;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Backends.Rocks;
using Pallas.Store.Folder;
using Pallas.Testing;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Fuzz.Simulation;

/// <summary>The outcome of a flipped bit.</summary>
public enum RotOutcome
{
    /// <summary>The machine was not opened, or did not start, with a message.</summary>
    Detected,

    /// <summary>It has the state that it had, and goes on.</summary>
    Harmless,

    /// <summary>It has the state of a moment before: the end of its history is gone.</summary>
    CutShort,

    /// <summary>It has a state that it never had, or failed in a way that is no message.</summary>
    Wrong,
}

/// <summary>One flip, and what came of it.</summary>
/// <param name="File">Within the machine's folder.</param>
public sealed record RotTrial(
    string File, long Offset, int Bit, RotOutcome Outcome, string Message);

/// <summary>
/// A machine's folder on a real disk, copied again and again, each time with one bit flipped.
/// </summary>
public sealed class BitRot : IDisposable
{
    private const int StepsCount = 1500;
    private const ulong MessagesCount = 120;
    private const int EndBytes = 200;
    private const int BlockBytes = 1 << 15;

    private readonly string root = Directory.CreateTempSubdirectory("pallas-rot-").FullName;
    private readonly Dictionary<Hash256, ulong> history = [];
    private readonly Hash256 last;

    /// <param name="isKilled">
    /// The machine was killed, not stopped: its last events are in a write-ahead log.
    /// </param>
    public BitRot(bool isKilled)
    {
        StoreFolder.Create(Original, FirstState().ToRoot(), Random.Shared.NextBytes);
        Live(snapshot: true);
        Live(snapshot: false);
        if (!isKilled)
            Live(snapshot: true);
        last = ReadHistory();
        Files = Directory.GetFiles(Original, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Original, file))
            .Where(file => new FileInfo(Path.Combine(Original, file)).Length > 0)
            .Order(StringComparer.Ordinal)
            .ToArray();
    }

    /// <summary>The files of the folder that hold something.</summary>
    public IReadOnlyList<string> Files { get; }

    private string Original => Path.Combine(root, "original");

    /// <summary>Flips a bit somewhere in a file and looks what the machine makes of it.</summary>
    public RotTrial Try(RandomStream random, string file)
    {
        var length = (int)new FileInfo(Path.Combine(Original, file)).Length;
        return Try(file, AnyPlace(random, length), random.Below(8));
    }

    /// <summary>
    /// The places of the kinds of records, one byte each, in the logs that RocksDB reads at first.
    /// </summary>
    public IEnumerable<(string File, int Offset)> KindsOfRecords()
    {
        foreach (var file in Files)
        {
            if (!file.Contains("MANIFEST", StringComparison.Ordinal) && !file.EndsWith(".log"))
                continue;
            var bytes = File.ReadAllBytes(Path.Combine(Original, file));
            for (var block = 0; block < bytes.Length; block += BlockBytes)
            {
                var part = bytes[block..Math.Min(bytes.Length, block + BlockBytes)];
                foreach (var at in RocksLogFile.KindsIn(part, part.Length))
                    yield return (file, block + at);
            }
        }
    }

    public RotTrial Try(string file, int offset, int bit)
    {
        var copy = Path.Combine(root, "copy");
        Copy(Original, copy);
        try
        {
            var path = Path.Combine(copy, file);
            var bytes = File.ReadAllBytes(path);
            bytes[offset] ^= (byte)(1 << bit);
            File.WriteAllBytes(path, bytes);
            var (outcome, message) = Judge(copy);
            return new RotTrial(file, offset, bit, outcome, message);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    /// <summary>Ends of files are special: a write may have been cut there.</summary>
    private static int AnyPlace(RandomStream random, int length) => random.OneIn(2)
        ? random.Below(length)
        : length - 1 - random.Below(Math.Min(length, EndBytes));

    /// <summary>Reads the machine, lets it go on for a moment, and reads it again.</summary>
    private (RotOutcome Outcome, string Message) Judge(string folder)
    {
        try
        {
            var before = Read(folder);
            if (before != last)
                return OfOther(before);
            Run(folder, stepsCount: 0, snapshot: false);
            var after = Read(folder);
            return after == last ? (RotOutcome.Harmless, "") : OfOther(after);
        }
        catch (Exception error) when (error is StoreError or ReplayError)
        {
            return (RotOutcome.Detected, error.Message);
        }
        catch (Exception error)
        {
            return (RotOutcome.Wrong, error.ToString());
        }
    }

    private (RotOutcome Outcome, string Message) OfOther(Hash256 state) =>
        history.TryGetValue(state, out var number)
            ? (RotOutcome.CutShort, $"as it was after record {number}")
            : (RotOutcome.Wrong, "a state that it never had");

    private static Hash256 Read(string folder)
    {
        using var opened = StoreFolder.Open(folder);
        var context = TestEval.Machine with { Scheduler = new SimScheduler(new RandomStream(0)) };
        return Fingerprint.Of(Recovery.Run(opened.Store, context).State);
    }

    private static MachineState FirstState()
    {
        var random = new RandomStream(3);
        var workload = new SimWorkload(random, 0);
        var rows = Enumerable.Range(0, 5).Select(_ => Row.Of(
            Row.Of("rand", 0, "byte", 700), Row.Of("cog", "who"), SimCogs.Eval(random)));
        return MachineState.Empty
            .With(new CogId(1), CogState.Of(SimCogs.Ledger(0)))
            .With(new CogId(2), CogState.Of(SimCogs.Stream(0, 3)))
            .With(new CogId(3), CogState.Of(SimCogs.Circle([.. rows])));
    }

    private void Live(bool snapshot) => Run(Original, StepsCount, snapshot);

    private static void Run(string folder, int stepsCount, bool snapshot)
    {
        var random = new RandomStream(1);
        var scheduler = new SimScheduler(random);
        var device = new SimDevice(random, (_, _) => { }, 1, _ => { });
        var machine = RunningMachine.Start(folder, TestEval.Machine with
        {
            Options = TestEval.Options with
            {
                AcceptsCopy = true,
                SnapshotEventsCount = 150,
            },
            Scheduler = scheduler,
            Time = new SimClock(),
            FillRandom = buffer => random.Bytes(buffer.Length).CopyTo(buffer, 0),
            Devices = options => [device, new RandDevice(options.FillRandom)],
        });
        var message = SimCogs.FirstMessage;
        for (var i = 0; i < stepsCount && machine.Ended is { IsCompleted: false }; i++)
        {
            if (random.OneIn(10) && message < SimCogs.FirstMessage + MessagesCount)
                device.Receive(0, message++);
            if (scheduler.HasReady)
                scheduler.StepOne();
        }
        var end = machine.Ended.IsCompleted ? machine.Ended.Result : null;
        machine.Stop(snapshot);
        if (end?.Failure is { } failure)
            throw failure;
    }

    /// <summary>The state after each record, by replaying from the first.</summary>
    private Hash256 ReadHistory()
    {
        using var opened = StoreFolder.Open(Original);
        var first = opened.Store.Snapshots.LoadFirst();
        var state = MachineState.Read(first.State)!;
        var replayer = new Replayer(new Evaluator(TestEval.Plain));
        history[Fingerprint.Of(state)] = first.Position.Number;
        foreach (var record in opened.Store.Log.Read(first.Position))
        {
            var receipts = ((Row)record.Payload).ToArray().Select(each => Receipt.Read(each)!);
            state = replayer.Apply(state, receipts);
            history[Fingerprint.Of(state)] = record.Position.Number;
        }
        return Fingerprint.Of(state);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.GetDirectories(from))
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}

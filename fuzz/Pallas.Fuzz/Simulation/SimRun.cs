using Pallas.Eval;
using Pallas.Machine;
using Pallas.Machine.Devices;
using Pallas.Store;
using Pallas.Store.Backup;
using Pallas.Store.Folder;
using Pallas.Store.Pins;
using Pallas.Store.Snapshots;
using Pallas.Values.Hashing;

namespace Pallas.Fuzz.Simulation;

/// <summary>What a run came to.</summary>
public sealed record SimResult(
    string? Violation, int LivesCount, long EventsCount, int SentCount, int AcknowledgedCount);

/// <summary>
/// One machine from one seed: made, and then one life after another, each ended by a fault or a
/// stop, until a last life in which nothing goes wrong. After each life what is on disk is judged.
/// </summary>
internal sealed class SimRun
{
    private const int LastStepsMax = 400;

    private readonly RandomStream random;
    private readonly RandomStream schedule;
    private readonly FaultCounts counts;
    private readonly SimFlaw flaw;
    private readonly SimClock clock = new();
    private readonly SimNet net;
    private readonly SimOracle oracle;
    private readonly MachineOptions common;
    private readonly Action<SimFaults> plan;
    private readonly Action<string>? tell;
    private StoreImage image;
    private SimViolation? violation;
    private readonly int snapshotBatchBytesMax;
    private readonly long cacheBytesMax;
    private Action? between;
    private int livesCount;

    /// <param name="plan">What goes wrong in each life but the last; otherwise chance.</param>
    /// <param name="tell">Gets lines about what happens, for looking at one run.</param>
    public SimRun(
        ulong seed, FaultCounts counts, SimFlaw flaw = SimFlaw.None,
        Action<SimFaults>? plan = null, Action<string>? tell = null)
    {
        this.plan = plan ?? (faults => faults.Draw());
        random = RandomStream.For("sim", seed, 0);
        schedule = RandomStream.For("sim-schedule", seed, 0);
        this.counts = counts;
        this.flaw = flaw;
        this.tell = tell;
        var workload = new SimWorkload(
            RandomStream.For("sim-workload", seed, 0), (ulong)clock.NowSecond);
        net = new SimNet(random, counts, workload.ChannelsCount);
        snapshotBatchBytesMax = 1 << random.Between(4, 14);
        cacheBytesMax = random.OneIn(2) ? 0 : 1 << random.Between(6, 20);
        image = MakeImage(workload);
        oracle = new SimOracle(image, JetTable.None);
        common = MakeOptions();
    }

    public SimResult Run()
    {
        try
        {
            for (var lives = random.Between(1, 5); lives > 0; lives--)
                Live(new SimFaults(random, clock, counts), random.Skewed(500), isLast: false);
            Live(SimFaults.None(clock), LastStepsMax, isLast: true);
        }
        catch (SimViolation found)
        {
            violation ??= found;
        }
        catch (Exception error)
        {
            violation ??= new SimViolation($"a fault of ours: {error}");
        }
        return new SimResult(
            violation?.Message, livesCount, oracle.EventsCount, net.SentCount,
            net.Acknowledged.Count);
    }

    private void Live(SimFaults faults, int stepsMax, bool isLast)
    {
        livesCount++;
        if (!isLast)
            plan(faults);
        var scheduler = new SimScheduler(schedule);
        var store = new SimStore(image, faults)
        {
            Durable = oracle.Keep, Between = () => between?.Invoke(), Flaw = flaw,
        };
        between = null;
        tell?.Invoke($"life {livesCount} begins at record {oracle.Last.Number}");
        var machine = TryStart(store, faults, scheduler);
        if (machine is not null)
        {
            for (var i = 0; i < stepsMax && !store.IsCut && !machine.Ended.IsCompleted; i++)
                Act(scheduler, mayJump: !isLast);
            End(machine, store, faults, isLast);
            machine.Forget();
        }
        Crash(store, isPowerCut: store.IsCut || random.OneIn(3));
        if (isLast)
            CheckAll();
    }

    private RunningMachine? TryStart(SimStore store, SimFaults faults, SimScheduler scheduler)
    {
        try
        {
            var opened = Open(store);
            opened.Snapshots.BatchBytesMax = snapshotBatchBytesMax;
            opened.Pins.HoldAll();
            between = () =>
            {
                if (!opened.Pins.Barrier.IsHeld)
                    scheduler.Interrupt();
            };
            var machine = RunningMachine.Start(opened, OptionsFor(scheduler));
            oracle.CheckState(machine.Status().Cogs.Aggregate(
                MachineState.Empty, (all, cog) => all.With(cog.Id, cog.State)));
            return machine;
        }
        catch (PowerCut)
        {
            return null;
        }
        catch (StoreError error)
        {
            if (!faults.HasRefused)
                throw new SimViolation($"the machine does not start: {error.Message}");
            tell?.Invoke($"  no start: {error.Message}");
            return null;
        }
        catch (ReplayError error)
        {
            throw new SimViolation(error.Message);
        }
    }

    /// <summary>The next thing that happens, in the machine or around it.</summary>
    private void Act(SimScheduler scheduler, bool mayJump)
    {
        switch (random.Below(16))
        {
            case 0 or 1 or 2 when net.IsBusy:
                net.Deliver();
                return;
            case 3 or 4:
                net.Send();
                return;
            case 5 when clock.HasTimer:
                clock.FireNext();
                return;
            case 6 when mayJump && random.OneIn(16):
                JumpClock();
                return;
            case 7 when random.OneIn(16):
                net.GiveUp();
                return;
        }
        if (scheduler.HasReady)
            scheduler.StepOne();
        else if (net.IsBusy)
            net.Deliver();
        else
            net.Send();
    }

    private void JumpClock()
    {
        var seconds = random.Skewed(100_000);
        var isForward = random.OneIn(2);
        counts.Add(isForward ? FaultKind.ClockForward : FaultKind.ClockBack);
        clock.Jump(TimeSpan.FromSeconds(isForward ? seconds : -seconds));
    }

    private void End(RunningMachine machine, SimStore store, SimFaults faults, bool isLast)
    {
        if (violation is not null)
            throw violation;
        if (store.IsCut)
            return;
        if (machine.Ended is { IsCompleted: true, Result.Failure: { } failure })
        {
            tell?.Invoke($"  the machine ended: {failure.Message}");
            if (failure is not StoreError || !faults.HasRefused)
                throw new SimViolation($"the machine failed by itself: {failure}");
        }
        else if (!isLast && random.OneIn(2))
        {
            return;
        }
        var withSnapshot = random.OneIn(2);
        counts.Add(withSnapshot ? FaultKind.StopWithSnapshot : FaultKind.Stop);
        try
        {
            machine.Stop(withSnapshot);
        }
        catch (Exception error) when (error is PowerCut
            || (error is StoreError && faults.HasRefused))
        {
            tell?.Invoke($"  the stop failed: {error.Message}");
        }
        if (violation is not null)
            throw violation;
    }

    /// <summary>The process is gone; judges what it left.</summary>
    private void Crash(SimStore store, bool isPowerCut)
    {
        counts.Add(isPowerCut ? FaultKind.PowerCut : FaultKind.Kill);
        clock.ForgetTimers();
        net.Break();
        (image, var survived) = store.AfterCrash(isPowerCut);
        foreach (var batch in survived)
            oracle.Keep(batch);
        oracle.CheckLog(image);
        CheckStore(image, problem => throw new SimViolation($"the check finds: {problem}"));
        oracle.CheckAcknowledged(net.Acknowledged);
        if (random.OneIn(3))
            CheckDamage();
    }

    /// <summary>One flipped bit or lost entry is found, or makes no difference.</summary>
    private void CheckDamage()
    {
        var space = random.Pick(Enum.GetValues<StoreSpace>());
        if (image[space].IsEmpty)
            return;
        var (key, value) = random.Pick(image[space]);
        var isLost = random.OneIn(4) || value.Length == 0;
        counts.Add(isLost ? FaultKind.StoredEntryLost : FaultKind.StoredBitFlipped);
        byte[]? changed = null;
        if (!isLost)
        {
            changed = [.. value];
            changed[random.Below(changed.Length)] ^= (byte)(1 << random.Below(8));
        }
        var damaged = image.With(space, key, changed);
        var isFound = false;
        try
        {
            oracle.CheckState(Recover(damaged, replayAll: false));
        }
        catch (Exception error) when (error is StoreError or ReplayError)
        {
            isFound = true;
            tell?.Invoke($"  damage in {space} is found: {error.Message}");
        }
        counts.Add(isFound ? FaultKind.DamageFound : FaultKind.DamageHarmless);
        var isReported = false;
        CheckStore(damaged, _ => isReported = true);
        if (isFound && !isReported)
            throw new SimViolation($"the check does not find damage in {space}");
    }

    private void CheckStore(StoreImage of, Action<string> onFault) =>
        StoreCheck.Run(new SimStore(of, SimFaults.None(clock)), onFault);

    private void CheckAll()
    {
        oracle.CheckLedgers();
        oracle.CheckState(Recover(image, replayAll: false));
        oracle.CheckState(Recover(image, replayAll: true));
    }

    private MachineState Recover(StoreImage from, bool replayAll)
    {
        using var store = Open(new SimStore(from, SimFaults.None(clock)) { Flaw = flaw });
        var options = common with
        {
            ReplayAll = replayAll, Scheduler = new SimScheduler(schedule),
        };
        return Recovery.Run(store, options).State;
    }

    private MachineStore Open(SimStore store) => MachineStore.Open(
        store,
        flaw is SimFlaw.ChecksumsIgnored or SimFlaw.SnapshotTruncated
            ? new PinTable(store, cacheBytesMax) { Accepts = AcceptsFlawed }
            : new PinTable(store, cacheBytesMax));

    private bool AcceptsFlawed(Hash256 expected, Hash256 actual) =>
        expected == actual || flaw == SimFlaw.ChecksumsIgnored || actual == SimStore.StandInHash;

    private StoreImage MakeImage(SimWorkload workload)
    {
        var state = MachineState.Empty;
        for (var i = 0; i < workload.Functions.Count; i++)
            state = state.With(new CogId((ulong)i + 1), CogState.Of(workload.Functions[i]));
        var store = new SimStore(StoreImage.Empty, SimFaults.None(clock));
        MachineStore.Initialize(store, state.ToRoot());
        return store.AfterCrash(isPowerCut: true).Image;
    }

    private MachineOptions MakeOptions() => TestEval.Machine with
    {
        Time = clock,
        DrawCogId = () => 100 + (ulong)random.Below(random.OneIn(4) ? 8 : 1000),
        FillRandom = buffer => random.Bytes(buffer.Length).CopyTo(buffer, 0),
        EventStepsMax = 1 << 15,
        ThreadsMax = random.Between(1, 4),
        EvalsMax = random.Between(1, 2),
        CommitsQueuedMax = random.Between(1, 8),
        Snapshots = !random.OneIn(6),
        SnapshotEventsCount = random.Skewed(64) + 1,
        History = AnyHistory(),
        CollectGrowthBytesMin = random.OneIn(2) ? 0 : random.Skewed(1 << 16),
        EffectsFirst = flaw == SimFlaw.EffectsFirst,
    };

    private HistoryPolicy AnyHistory() => random.Below(3) switch
    {
        0 => HistoryPolicy.All,
        1 => new HistoryPolicy(random.Skewed(1 << 16), null),
        _ => new HistoryPolicy(null, TimeSpan.FromSeconds(random.Skewed(1000))),
    };

    private MachineOptions OptionsFor(SimScheduler scheduler) => common with
    {
        Scheduler = scheduler,
        Trace = (_, value) => Judge(() => oracle.CheckTrace(value)),
        CogFailed = (cog, _) => Judge(() => oracle.CheckFailure(cog)),
        Devices = options =>
        [
            new TimeDevice(options.Time),
            new RandDevice(options.FillRandom),
            net.Connect((cog, args) => Judge(() => oracle.CheckCause(cog, args))),
        ],
    };

    /// <summary>The machine takes what is thrown in an effect for a failure of its own.</summary>
    private void Judge(Action check)
    {
        try
        {
            check();
        }
        catch (SimViolation found)
        {
            violation ??= found;
            throw;
        }
    }
}

/// <summary>A planted fault of the machine, to see that the simulator finds it.</summary>
public enum SimFlaw
{
    None,

    /// <summary>Effects are seen before their events are committed.</summary>
    EffectsFirst,

    /// <summary>A commit returns before anything is on disk.</summary>
    SyncIgnored,

    /// <summary>Checksums and hashes are not verified.</summary>
    ChecksumsIgnored,

    /// <summary>
    /// A snapshot is committed before its parts, and a missing part reads as 0.
    /// </summary>
    SnapshotTruncated,

    /// <summary>Each snapshot deletes a pin that may be needed.</summary>
    PinDeleted,

    /// <summary>The collector does not see the log, and deletes pins that records need.</summary>
    LogNotMarked,
}

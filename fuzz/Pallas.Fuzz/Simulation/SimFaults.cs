using Pallas.Store;

namespace Pallas.Fuzz.Simulation;

/// <summary>A call to a store that can be refused.</summary>
internal enum SimCall
{
    Read,
    Write,
    Sync,
    BeginWriting,
}

/// <summary>Where within a commit the power can be cut.</summary>
internal enum CutPlace
{
    BeforeWrite,
    AfterWrite,
    AfterSync,
}

/// <summary>The faults that machines met, for the report.</summary>
internal enum FaultKind
{
    Kill,
    PowerCut,
    CutBeforeWrite,
    CutAfterWrite,
    CutAfterSync,
    SectorLost,
    SectorTorn,
    SectorReordered,
    ReadError,
    WriteError,
    SyncError,
    DiskFull,
    SlowSync,
    ClockForward,
    ClockBack,
    ConnectionLost,
    Stop,
    StopWithSnapshot,
    StoredBitFlipped,
    StoredEntryLost,
    DamageFound,
    DamageHarmless,
}

/// <summary>How often each kind of fault was injected.</summary>
internal sealed class FaultCounts
{
    private readonly long[] counts = new long[Enum.GetValues<FaultKind>().Length];

    public long this[FaultKind kind] => counts[(int)kind];

    public void Add(FaultKind kind) => counts[(int)kind]++;

    public void Add(FaultCounts other)
    {
        for (var i = 0; i < counts.Length; i++)
            counts[i] += other.counts[i];
    }
}

/// <summary>The faults in one life of a machine, and their times.</summary>
/// <remarks>At most one call is refused and one is cut: what follows is another life.</remarks>
internal sealed class SimFaults(RandomStream random, SimClock clock, FaultCounts counts)
{
    private const int SectorBytes = 512;

    private readonly int[] calls = new int[Enum.GetValues<SimCall>().Length];
    private int commitsUntilCut = -1;
    private CutPlace cutPlace;
    private SimCall refusedCall;
    private int refusedAt = -1;
    private bool full;
    private int slowSyncOneIn;

    /// <summary>Nothing goes wrong.</summary>
    public static SimFaults None(SimClock clock) => new(new RandomStream(0), clock, new());

    /// <summary>Whether a call was refused.</summary>
    public bool HasRefused { get; private set; }

    /// <summary>Draws what will go wrong.</summary>
    public void Draw()
    {
        if (random.OneIn(3))
            CutAt(random.Skewed(60), (CutPlace)random.Below(3));
        if (random.OneIn(4))
        {
            var call = (SimCall)random.Below(4);
            RefuseAt(call, random.Skewed(call == SimCall.Read ? 400 : 80), random.OneIn(2));
        }
        slowSyncOneIn = random.OneIn(4) ? random.Between(1, 20) : 0;
    }

    /// <param name="commit">Counted from 0.</param>
    public void CutAt(int commit, CutPlace place)
    {
        commitsUntilCut = commit;
        cutPlace = place;
    }

    /// <param name="call">Counted from 0, those of a kind by themselves.</param>
    /// <param name="isFull">The disk is full; reads know only errors.</param>
    public void RefuseAt(SimCall kind, int call, bool isFull)
    {
        refusedCall = kind;
        refusedAt = call;
        full = isFull;
    }

    public bool IsCutNow(CutPlace place)
    {
        if (place != cutPlace || commitsUntilCut < 0 || commitsUntilCut-- > 0)
            return false;
        counts.Add(FaultKind.CutBeforeWrite + (int)place);
        return true;
    }

    /// <summary>The error that a call is refused with, or null.</summary>
    public StoreError? Refusal(SimCall call)
    {
        if (call != refusedCall || calls[(int)call]++ != refusedAt)
            return null;
        HasRefused = true;
        if (call == SimCall.Read)
        {
            counts.Add(FaultKind.ReadError);
            return new StoreError(StoreErrorKind.Damaged, "the store is damaged: IO error");
        }
        counts.Add(full ? FaultKind.DiskFull
            : call == SimCall.Sync ? FaultKind.SyncError : FaultKind.WriteError);
        return full
            ? new StoreError(StoreErrorKind.DiskFull, "the disk is full")
            : new StoreError(StoreErrorKind.WriteFailed, "the disk refused: IO error");
    }

    public void SlowSync()
    {
        if (slowSyncOneIn == 0 || !random.OneIn(slowSyncOneIn))
            return;
        counts.Add(FaultKind.SlowSync);
        clock.Pass(TimeSpan.FromMilliseconds(random.Skewed(40_000)));
    }

    /// <summary>Takes away some entry of a space.</summary>
    public StoreBatch AnyDeletion(StoreImage image, StoreSpace space)
    {
        var batch = new StoreBatch();
        if (!image[space].IsEmpty)
            batch.Delete(space, random.Pick(image[space]).Key);
        return batch;
    }

    /// <summary>The bytes that a power cut leaves of those that were not synced.</summary>
    /// <param name="reordered">Sectors before were lost: any that is there was reordered.</param>
    public byte[] LoseSectors(byte[] written, ref bool reordered)
    {
        var found = new byte[written.Length];
        for (var at = 0; at < written.Length; at += SectorBytes)
        {
            var length = Math.Min(SectorBytes, written.Length - at);
            var kept = random.Below(5) switch
            {
                0 => 0,
                1 => random.Below(length),
                _ => length,
            };
            if (kept == length && reordered)
                counts.Add(FaultKind.SectorReordered);
            else if (kept < length)
                counts.Add(kept == 0 ? FaultKind.SectorLost : FaultKind.SectorTorn);
            reordered |= kept < length;
            written.AsSpan(at, kept).CopyTo(found.AsSpan(at));
        }
        return found;
    }
}

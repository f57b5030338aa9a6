using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Store.Pins;

/// <summary>
/// Write barrier between committers, which skip pins and chunks that the store has already, and the
/// collector, which deletes those that nothing reaches.
/// </summary>
/// <remarks>
/// A committer leaves a pin or chunk out of its batch only if <see cref="Retain"/> says so. A
/// collection has two phases. While it marks, the answer is yes, and the barrier notes the hash:
/// the collector marks it too. The sweep begins once every noted hash is marked. From then on the
/// answer is yes for a marked hash and no for another; the committer writes that one again, and the
/// barrier notes it, so the sweep passes over it. Marking runs outside the barrier's lock. The
/// sweep holds the lock for one small batch at a time: no answer is out of date, and no committer
/// waits long.
/// <para>
/// A batch that was staged before the barrier noted anything may skip a hash that the collector
/// never sees. Marking therefore begins only after all such batches are committed. Stagings count
/// in one of two slots, by the parity of the round that they began in.
/// </para>
/// </remarks>
internal sealed class GcBarrier
{
    private readonly Lock gate = new();
    private readonly int[] staging = new int[2];
    private HashSet<Hash256>? noted;
    private HashSet<Hash256>? marked;
    private List<Hash256> unmarked = [];
    private int round;

    /// <summary>Whether this thread holds the lock.</summary>
    internal bool IsHeld => gate.IsHeldByCurrentThread;

    /// <returns>The round, for <see cref="EndStaging"/>.</returns>
    public int BeginStaging()
    {
        lock (gate)
        {
            staging[round & 1]++;
            return round;
        }
    }

    /// <summary>The batch is committed or given up.</summary>
    public void EndStaging(int begunIn)
    {
        lock (gate)
        {
            Invariant.Check(begunIn == round || begunIn == round - 1,
                $"a staging of round {begunIn} ends in it or in the next, not in round {round}");
            Invariant.Check(staging[begunIn & 1] > 0, "a staging ends once, after it began");
            staging[begunIn & 1]--;
        }
    }

    /// <summary>Whether the entry that the store has under a hash outlives the
    /// collection.</summary>
    public bool Retain(Hash256 hash)
    {
        lock (gate)
        {
            if (noted is null)
            {
                Invariant.Check(marked is null, "marks exist only during a collection");
                return true;
            }
            var isNew = noted.Add(hash);
            if (marked is not null)
                return marked.Contains(hash) || !isNew;
            if (isNew)
                unmarked.Add(hash);
            return true;
        }
    }

    /// <summary>Notes hashes from here on.</summary>
    /// <returns>
    /// Whether every batch that was staged before is committed; if not, call again.
    /// </returns>
    public bool TryBeginMark()
    {
        lock (gate)
        {
            Invariant.Check(marked is null, "one collection runs at a time");
            if (noted is null)
            {
                Invariant.Check(unmarked.Count == 0, "the last collection left no hash to mark");
                Invariant.Check(staging[(round + 1) & 1] == 0,
                    "no staging of the round before is open when the next begins");
                noted = [];
                round++;
            }
            return staging[(round - 1) & 1] == 0;
        }
    }

    /// <summary>Ends the marking if every noted hash is marked.</summary>
    /// <param name="set">The marked hashes; the caller changes it no more.</param>
    /// <param name="rest">The hashes noted since the last call. If there are any, the caller marks
    /// them, and all that they refer to, and calls again.</param>
    public bool TryBeginSweep(HashSet<Hash256> set, out IReadOnlyList<Hash256> rest)
    {
        lock (gate)
        {
            Invariant.Check(noted is not null, "a sweep follows marking");
            Invariant.Check(marked is null, "a collection sweeps once");
            Invariant.Check(staging[(round - 1) & 1] == 0,
                "no batch staged before the barrier noted hashes is open");
            Invariant.Check(unmarked.Count <= noted.Count, "a hash to mark is noted");
            (rest, unmarked) = (unmarked, []);
            if (rest.Count > 0)
                return false;
            marked = set;
            return true;
        }
    }

    /// <summary>Deletes those of the hashes that are neither marked nor noted.</summary>
    public void Sweep(IEnumerable<Hash256> hashes, Action<Hash256[]> delete)
    {
        lock (gate)
        {
            Invariant.Check(marked is not null && noted is not null,
                "nothing is deleted before the marking is complete");
            Invariant.Check(unmarked.Count == 0, "the sweep begins when no hash is left to mark");
            Hash256[] gone =
                [.. hashes.Where(hash => !marked.Contains(hash) && !noted.Contains(hash))];
            if (gone.Length > 0)
                delete(gone);
        }
    }

    /// <summary>The collection is over, complete or not.</summary>
    public void End()
    {
        lock (gate)
        {
            Invariant.Check(noted is not null, "a collection that ends has begun");
            (noted, marked, unmarked) = (null, null, []);
        }
    }
}

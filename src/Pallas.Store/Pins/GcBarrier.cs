using Pallas.Plan;

namespace Pallas.Store.Pins;

/// <summary>
/// Stands between those who count on what the store has and the collector that takes away.
/// </summary>
/// <remarks>
/// Whoever leaves a pin or chunk out of a batch because it is there already asks
/// <see cref="WillStay"/>. While marks are made, the answer is yes and what was asked for is noted,
/// to be marked too. Once nothing is left to mark (<see cref="TryBeginSweep"/>) it is yes for what
/// is marked, and no for the rest, which is then put again: from that moment on it is noted and not
/// taken away any more. Marks are made without the guard's gate; taking away happens under it, in
/// small batches, so no answer is out of date and nobody waits long for one.
/// </remarks>
internal sealed class GcBarrier
{
    private readonly Lock gate = new();
    private readonly int[] staging = new int[2];
    private HashSet<Hash256>? noted;
    private HashSet<Hash256>? marked;
    private List<Hash256> unmarked = [];
    private int round;

    /// <summary>Whether this thread keeps everybody else out.</summary>
    internal bool IsHeld => gate.IsHeldByCurrentThread;

    /// <returns>What to end the staging with.</returns>
    public int BeginStaging()
    {
        lock (gate)
        {
            staging[round & 1]++;
            return round;
        }
    }

    public void EndStaging(int of)
    {
        lock (gate)
        {
            staging[of & 1]--;
        }
    }

    /// <summary>Whether what the store has under a hash will be there for who asks.</summary>
    public bool WillStay(Hash256 hash)
    {
        lock (gate)
        {
            if (noted is null)
                return true;
            var isNew = noted.Add(hash);
            if (marked is not null)
                return marked.Contains(hash) || !isNew;
            if (isNew)
                unmarked.Add(hash);
            return true;
        }
    }

    /// <summary>Notes from here on.</summary>
    /// <returns>
    /// Whether all that was staged without being noted is committed; if not, ask again.
    /// </returns>
    public bool TryBeginMark()
    {
        lock (gate)
        {
            if (noted is null)
            {
                noted = [];
                round++;
            }
            return staging[(round - 1) & 1] == 0;
        }
    }

    /// <summary>Ends the marking, if all that was noted is marked.</summary>
    /// <param name="set">What is marked; not changed any more from here on.</param>
    /// <param name="rest">What was noted since the last call: to be marked, with all below it,
    /// before the next.</param>
    public bool TryBeginSweep(HashSet<Hash256> set, out IReadOnlyList<Hash256> rest)
    {
        lock (gate)
        {
            (rest, unmarked) = (unmarked, []);
            if (rest.Count > 0)
                return false;
            marked = set;
            return true;
        }
    }

    /// <summary>Takes away what of the hashes is neither marked nor noted.</summary>
    public void Sweep(IEnumerable<Hash256> hashes, Action<Hash256[]> delete)
    {
        lock (gate)
        {
            Hash256[] gone =
                [.. hashes.Where(hash => !marked!.Contains(hash) && !noted!.Contains(hash))];
            if (gone.Length > 0)
                delete(gone);
        }
    }

    public void End()
    {
        lock (gate)
            (noted, marked, unmarked) = (null, null, []);
    }
}

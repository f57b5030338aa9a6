namespace Pallas.Cli.Torture;

/// <summary>What was written to a machine, and what its answers promise.</summary>
/// <remarks>
/// A write has an id of its own and is sent once. Its outcome is known when its answer has come;
/// otherwise it may have been kept or not, but not twice.
/// </remarks>
internal sealed class TortureLedger
{
    private readonly Lock gate = new();
    private readonly HashSet<string> sent = [];
    private readonly HashSet<string> acknowledged = [];

    public int SentCount => sent.Count;

    public int AcknowledgedCount => acknowledged.Count;

    /// <summary>How many writes the machine had at the last look, whoever knows of them.</summary>
    public int KeptCount { get; private set; }

    /// <summary>Acknowledged and not there.</summary>
    public int LostCount { get; private set; }

    /// <summary>There more than once.</summary>
    public int TwiceCount { get; private set; }

    /// <summary>There and never sent.</summary>
    public int StrangeCount { get; private set; }

    public bool IsGood => LostCount + TwiceCount + StrangeCount == 0;

    public void Sent(string id)
    {
        lock (gate)
            sent.Add(id);
    }

    public void Acknowledged(string id)
    {
        lock (gate)
            acknowledged.Add(id);
    }

    /// <summary>Compares with what the machine has: every id as often as it was kept.</summary>
    public void Check(IReadOnlyCollection<string> kept)
    {
        var distinct = kept.ToHashSet();
        KeptCount = distinct.Count;
        TwiceCount = kept.Count - distinct.Count;
        StrangeCount = distinct.Count(id => !sent.Contains(id));
        LostCount = acknowledged.Count(id => !distinct.Contains(id));
    }
}

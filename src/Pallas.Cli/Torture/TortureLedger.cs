namespace Pallas.Cli.Torture;

/// <summary>The writes that were sent to a machine, and those that it acknowledged.</summary>
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

    /// <summary>The writes that the machine held at the last check.</summary>
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

    /// <summary>Compares with all ids that the machine holds.</summary>
    public void Check(IReadOnlyCollection<string> kept)
    {
        var distinct = kept.ToHashSet();
        KeptCount = distinct.Count;
        TwiceCount = kept.Count - distinct.Count;
        StrangeCount = distinct.Count(id => !sent.Contains(id));
        LostCount = acknowledged.Count(id => !distinct.Contains(id));
    }
}

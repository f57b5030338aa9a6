using Pallas.Machine;
using Pallas.Sire.Print;
using Pallas.Store;

namespace Pallas.Cli;

/// <summary>Tells who watches a machine what went wrong in its programs, when it does.</summary>
/// <remarks>All else that a machine does is told on request, by <see cref="MachineLog"/>.</remarks>
internal sealed class MachineTeller(Terminal terminal)
{
    /// <summary>A machine of many cogs may have many that are wrong in the same way.</summary>
    private const int LinesMax = 10;

    private readonly Lock gate = new();
    private readonly HashSet<CogId> told = [];
    private int unanswerableCount;

    public void Tell(MachineNotification news)
    {
        switch (news)
        {
            case MachineNotification.CogEnded { State: not CogState.Finished } ended:
                Tell(ended.Cog, ended.State);
                break;
            case MachineNotification.Unanswerable unanswerable:
                Tell(unanswerable);
                break;
            case MachineNotification.ServedFailed failed:
                var others = failed.Untold > 0 ? $" (and {failed.Untold:N0} more before)" : "";
                terminal.Line(
                    $"pallas: cog {failed.Cog}: the function that it serves "
                    + $"{StatusText.Of(failed.Why)}\n"
                    + $"hint: the request was {failed.Request}{others}");
                break;
        }
    }

    /// <summary>Tells of cogs that failed before the machine was started.</summary>
    public void TellEarlier(IEnumerable<KeyValuePair<CogId, CogState>> failed)
    {
        try
        {
            foreach (var (cog, state) in failed.Take(LinesMax))
                Tell(cog, state);
        }
        catch (StoreError)
        {
            // What it died of cannot be read, which is told where it is needed.
        }
    }

    /// <summary>Whether it was told how a cog ended.</summary>
    public bool HasTold(CogId cog)
    {
        lock (gate)
            return told.Contains(cog);
    }

    private void Tell(CogId cog, CogState state)
    {
        bool isFirst;
        lock (gate)
        {
            isFirst = told.Count == 0;
            if (!told.Add(cog))
                return;
        }
        var hint = isFirst
            ? "\nhint: what it was before is kept: pallas cog retry STORE COG, once the machine is "
                + "stopped"
            : "";
        terminal.Line($"pallas: cog {cog} {StatusText.Of(state)}{hint}");
    }

    private void Tell(MachineNotification.Unanswerable unanswerable)
    {
        if (Interlocked.Increment(ref unanswerableCount) > LinesMax)
            return;
        var value = Loot.Show(unanswerable.Request, StatusText.RequestPartsMax).Trim();
        var hint = unanswerable.Shape is { } shape
            ? $"it is written {shape}; its parts are in"
            : "all requests are in";
        terminal.Line(
            $"pallas: cog {unanswerable.Cog} asks for what nothing answers: {value}\n"
            + $"hint: {hint} docs/reference/requests.md");
    }
}

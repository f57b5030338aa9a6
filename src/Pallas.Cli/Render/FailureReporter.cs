using Pallas.Machine;
using Pallas.Sire.Print;
using Pallas.Store;

namespace Pallas.Cli.Render;

/// <summary>Prints what goes wrong in the programs of a machine, as it happens.</summary>
/// <remarks><see cref="MachineLog"/> reports everything, if the user asks for it.</remarks>
internal sealed class FailureReporter(Terminal terminal)
{
    /// <summary>Many cogs may fail in the same way.</summary>
    private const int LinesMax = 10;

    private readonly Lock gate = new();
    private readonly HashSet<CogId> reported = [];
    private int unanswerableCount;

    public void Report(MachineNotification news)
    {
        switch (news)
        {
            case MachineNotification.CogEnded { State: not CogState.Finished } ended:
                Report(ended.Cog, ended.State);
                break;
            case MachineNotification.Unanswerable unanswerable:
                Report(unanswerable);
                break;
            case MachineNotification.ServedFailed failed:
                var others = failed.Untold > 0
                    ? $" ({failed.Untold:N0} earlier failures were not reported)"
                    : "";
                terminal.Line(
                    $"pallas: cog {failed.Cog}: the function that it serves "
                    + $"{StatusText.Of(failed.Why)}\n"
                    + $"hint: the request was {failed.Request}{others}");
                break;
        }
    }

    /// <summary>Reports cogs that failed before this start.</summary>
    public void ReportEarlier(IEnumerable<KeyValuePair<CogId, CogState>> failed)
    {
        try
        {
            foreach (var (cog, state) in failed.Take(LinesMax))
                Report(cog, state);
        }
        catch (StoreError)
        {
            // The cause cannot be read. The command that needs it reports the damage.
        }
    }

    /// <summary>Whether the end of a cog was reported.</summary>
    public bool HasReported(CogId cog)
    {
        lock (gate)
            return reported.Contains(cog);
    }

    private void Report(CogId cog, CogState state)
    {
        bool isFirst;
        lock (gate)
        {
            isFirst = reported.Count == 0;
            if (!reported.Add(cog))
                return;
        }
        var hint = isFirst
            ? "\nhint: its last state is kept; stop the machine, then: "
                + "pallas cog retry STORE COG"
            : "";
        terminal.Line($"pallas: cog {cog} {StatusText.Of(state)}{hint}");
    }

    private void Report(MachineNotification.Unanswerable unanswerable)
    {
        if (Interlocked.Increment(ref unanswerableCount) > LinesMax)
            return;
        var value = Loot.Show(unanswerable.Request, StatusText.RequestPartsMax).Trim();
        var hint = unanswerable.Shape is { } shape
            ? $"it is written {shape}; its parts are in"
            : "all requests are in";
        terminal.Line(
            $"pallas: cog {unanswerable.Cog} made a request that nothing answers: {value}\n"
            + $"hint: {hint} docs/reference/requests.md");
    }
}

namespace Pallas.Fuzz.Simulation;

/// <summary>Many flips over every file of a machine's folder, and what came of them.</summary>
public static class RotCampaign
{
    /// <returns>The trials with another outcome than a message or no difference.</returns>
    public static IReadOnlyList<RotTrial> Run(
        int flipsPerFile, ulong seed, bool isKilled, TextWriter output)
    {
        using var rot = new BitRot(isKilled);
        var random = RandomStream.For("rot", seed, isKilled ? 1 : 0);
        var trials = new List<RotTrial>();
        foreach (var file in rot.Files)
        {
            for (var i = 0; i < flipsPerFile; i++)
                trials.Add(rot.Try(random, file));
        }
        var kinds = Enum.GetValues<RotOutcome>();
        output.WriteLine($"a machine that was {(isKilled ? "killed" : "stopped")}");
        output.WriteLine(
            $"  {"file",-24}" + string.Concat(kinds.Select(kind => $"{kind,10}")));
        foreach (var group in trials.GroupBy(trial => KindOf(trial.File)))
        {
            output.WriteLine($"  {group.Key,-24}" + string.Concat(kinds.Select(
                kind => $"{group.Count(trial => trial.Outcome == kind),10}")));
        }
        RotTrial[] bad = [.. trials.Where(trial => trial.Outcome > RotOutcome.Harmless)];
        foreach (var trial in bad.Take(20))
            output.WriteLine($"  {trial}");
        return bad;
    }

    /// <summary>Files of a kind differ by a number.</summary>
    private static string KindOf(string file)
    {
        var name = file.TrimStart("0123456789".ToCharArray());
        name = Path.GetFileName(name).TrimStart("0123456789".ToCharArray());
        return name.TrimEnd("0123456789".ToCharArray());
    }
}

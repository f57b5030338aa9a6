using System.Security.Cryptography;
using System.Text;
using Pallas.Cli.Render;
using Pallas.Cli.Run;
using Pallas.Eval;
using Pallas.Sire;
using Pallas.Sire.Errors;
using Pallas.Sire.Expand;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Cli.Commands;

/// <summary>A folder of Sire files, loaded without our own library and without a cache.</summary>
internal sealed class Corpus
{
    private readonly string folder;
    private readonly int timeLimitSeconds;
    private readonly EvalOptions options;
    private readonly TimeProvider clock;
    private readonly string[] folders;
    private readonly SireSession session;
    private readonly Evaluator evaluator;
    private readonly Dictionary<string, Hash256> jetsFound = [];
    private int assertionsCount;

    public Corpus(
        string folder, int timeLimitSeconds, EvalOptions options, TimeProvider clock)
    {
        if (!Directory.Exists(folder))
            throw Failure.Mistake($"there is no folder {folder}");
        this.folder = folder;
        this.timeLimitSeconds = timeLimitSeconds;
        folders = [folder, .. Directory.GetDirectories(folder, "*", SearchOption.AllDirectories)];
        this.options = options;
        this.clock = clock;
        evaluator = new Evaluator(options);
        session = NewSession(evaluator, Note);
    }

    /// <returns>Whether all hashes that are expected agree.</returns>
    public bool LoadAll(Dictionary<string, string> expectedHashes)
    {
        var (good, all, agreeing) = (0, 0, 0);
        foreach (var file in folders.SelectMany(Files).Order(StringComparer.Ordinal))
        {
            var module = Path.GetFileNameWithoutExtension(file);
            var (start, before) = (clock.GetTimestamp(), (assertionsCount, jetsFound.Count));
            var errors = Load(module);
            all++;
            good += errors.Count == 0 ? 1 : 0;
            var line = $"{(errors.Count == 0 ? "ok  " : "FAIL")} {module,-34}"
                + $" {assertionsCount - before.assertionsCount,5} assertions"
                + $" {jetsFound.Count - before.Count,4} jets"
                + $" {clock.GetElapsedTime(start).TotalSeconds,7:F2} s  ";
            line += errors.Count > 0
                ? FirstLine(errors[0])
                : CompareHash(module, expectedHashes.GetValueOrDefault(module), ref agreeing);
            Console.WriteLine(line);
        }
        Console.WriteLine($"{good} of {all} files load, {assertionsCount} assertions hold");
        if (expectedHashes.Count > 0)
            Console.WriteLine($"{agreeing} of {expectedHashes.Count} state hashes agree");
        return agreeing == expectedHashes.Count;
    }

    /// <returns>Whether all jets that are expected were defined with their hashes.</returns>
    public bool CheckJets(Dictionary<string, string> expected)
    {
        if (expected.Count == 0)
            return true;
        var agreeing = 0;
        foreach (var (name, hash) in expected)
        {
            if (jetsFound.TryGetValue(name, out var found) && found.ToString() == hash)
                agreeing++;
            else
                Console.WriteLine(
                    $"jet {name}: expected {hash}, found {(found == default ? "none" : found)}");
        }
        Console.WriteLine($"{agreeing} of {expected.Count} jet hashes agree");
        return agreeing == expected.Count;
    }

    /// <returns>Whether every block of what a module prints is as expected.</returns>
    public bool CheckPrinted(string module, string file)
    {
        var output = new StringWriter();
        var terminal = new Terminal(output, Rex.RexColors.None);
        var fresh = new Evaluator(options with { Trace = terminal.Value });
        NewSession(fresh, happened => terminal.Event(happened)).Load(module);
        var blocks = output.ToString().Split("\n\n")
            .Select(block => string.Join(
                '\n', block.Trim('\n').Split('\n').Select(line => line.TrimEnd())))
            .Where(block => block.Length > 0)
            .ToArray();
        var expected = File.ReadLines(file).Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split('\t')[2]).ToArray();
        var hashes = blocks.Select(HashOf).ToArray();
        var agreeing = expected.Where((hash, i) => i < hashes.Length && hashes[i] == hash).Count();
        Console.WriteLine(
            $"{agreeing} of {expected.Length} printed blocks agree; {blocks.Length} were printed");
        var first = Enumerable.Range(0, Math.Min(expected.Length, blocks.Length))
            .FirstOrDefault(i => expected[i] != hashes[i], -1);
        if (first >= 0)
            Console.WriteLine($"the first that differs is block {first}:\n{blocks[first]}");
        return agreeing == expected.Length && blocks.Length == expected.Length;
    }

    private SireSession NewSession(Evaluator evaluator, Action<SireEvent> report) =>
        new(new SireOptions
        {
            Evaluator = evaluator,
            Modules = new ModuleFolders(folders, library: []),
            Report = report,
        });

    private static IEnumerable<string> Files(string folder) =>
        Directory.GetFiles(folder, "*.sire");

    private IReadOnlyList<SireError> Load(string module)
    {
        evaluator.Reset();
        using var timer = new Timer(
            _ => evaluator.Interrupt(FaultKind.Timeout), null, timeLimitSeconds * 1000L, -1L);
        return session.Load(module).Errors;
    }

    private string CompareHash(string module, string? expected, ref int agreeing)
    {
        var value = session.CacheValue(module, out _);
        var hash = value is null ? "none" : PinHash.Of(evaluator.Normalize(value)).ToString();
        if (expected is null)
            return hash;
        if (hash != expected)
            return $"{hash} is not {expected}";
        agreeing++;
        return $"{hash} agrees";
    }

    private string FirstLine(SireError error) =>
        $"{Path.GetRelativePath(folder, error.File)}:{error.Diagnostic.Span.Line}: "
            + error.Message.Split('\n')[0];

    private void Note(SireEvent happened)
    {
        if (happened is SireEvent.Asserting)
            assertionsCount++;
        if (happened is SireEvent.Bound { Value: Pin { Item: Law law } pin }
            && law.Name.ToText() is { } name && JetTable.All.Match(pin) is not null)
            jetsFound[name] = pin.Hash;
    }

    private static string HashOf(string block) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(block)))[..12];
}

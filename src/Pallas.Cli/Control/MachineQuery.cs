using System.Text;
using System.Text.Json.Serialization;
using Pallas.Cli.Commands;
using Pallas.Eval;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Folder;

namespace Pallas.Cli.Control;

/// <summary>
/// A question to a machine: answered here where the machine is stopped, and by its own process
/// where it runs. It changes nothing; only a poke hands a value to one that runs.
/// </summary>
[JsonDerivedType(typeof(StatusQuery), "status")]
[JsonDerivedType(typeof(LogQuery), "log")]
[JsonDerivedType(typeof(DuQuery), "du")]
[JsonDerivedType(typeof(CheckQuery), "check")]
[JsonDerivedType(typeof(CogQuery), "cog")]
[JsonDerivedType(typeof(BackupQuery), "backup")]
[JsonDerivedType(typeof(ForkQuery), "fork")]
[JsonDerivedType(typeof(PokeQuery), "poke")]
internal abstract record MachineQuery
{
    private const int TriesMax = 20;
    private const int TryAgainMs = 50;

    /// <returns>The exit code.</returns>
    public abstract int Answer(MachineAccess machine, Stream output);

    /// <summary>Asks the machine of a folder.</summary>
    /// <returns>The exit code.</returns>
    public int Ask(string folder, EvalOptions evaluation, Stream output)
    {
        try
        {
            using var machine = MachineAccess.Stopped(
                StoreFolder.Open(folder), evaluation, Terminal.Error.Line);
            return Answer(machine, output);
        }
        catch (StoreError error) when (error.Kind == StoreErrorKind.Held)
        {
            // A machine that has only just been started listens in a moment.
            for (var tries = 1; ; tries++)
            {
                if (ControlClient.Ask(folder, this, output) is { } exitCode)
                    return exitCode;
                if (tries == TriesMax)
                    throw;
                Thread.Sleep(TryAgainMs);
            }
        }
    }

    /// <summary>Asks the machine of a folder, and prints the answer.</summary>
    public int Ask(string folder, EvalOptions evaluation)
    {
        using var output = Console.OpenStandardOutput();
        return Ask(folder, evaluation, output);
    }
}

/// <summary>A query whose answer is text, or JSON for tools.</summary>
internal abstract record TextQuery(bool Json) : MachineQuery
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public sealed override int Answer(MachineAccess machine, Stream output)
    {
        using var writer = new StreamWriter(output, Utf8, leaveOpen: true) { NewLine = "\n" };
        return Write(machine, writer);
    }

    protected abstract int Write(MachineAccess machine, TextWriter writer);
}

/// <summary>How queries and reports are written as JSON: names in camelCase, cogs as strings,
/// because many tools cut numbers to 53 bits.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MachineQuery))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(EventReport))]
[JsonSerializable(typeof(DuReport))]
[JsonSerializable(typeof(CheckReport))]
internal sealed partial class ControlJson : JsonSerializerContext;

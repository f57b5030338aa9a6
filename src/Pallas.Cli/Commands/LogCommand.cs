using System.CommandLine;
using System.Text.Json;
using Pallas.Cli.Control;
using Pallas.Cli.Options;
using Pallas.Cli.Render;
using Pallas.Machine;
using Pallas.Sire.Print;
using Pallas.Store.Log;
using Pallas.Values;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas log STORE</c>: prints the events that the log still holds.</summary>
internal static class LogCommand
{
    public static Command Create(CommandContext context)
    {
        var store = CommonArguments.Store();
        var from = new Option<ulong?>("--from")
        {
            Description = "Begin with the record of this number.",
            HelpName = "NUMBER",
        };
        var to = new Option<ulong?>("--to")
        {
            Description = "End with the record of this number.",
            HelpName = "NUMBER",
        };
        var cog = new Option<ulong?>("--cog")
        {
            Description = "Only the events of this cog.",
            HelpName = "COG",
        };
        var full = new Option<bool>("--full") { Description = "Print values whole." };
        var json = new Option<bool>("--json")
        {
            Description = "Print JSON, a line for each event, for tools.",
        };
        var command = new Command("log", "Print the events of a machine.")
        {
            store, from, to, cog, full, json,
        };
        command.SetAction(parsed => context.Client.Ask(parsed.GetValue(store)!, new LogQuery(
            parsed.GetValue(json),
            parsed.GetValue(from) ?? 0,
            parsed.GetValue(to) ?? ulong.MaxValue,
            parsed.GetValue(cog),
            parsed.GetValue(full))));
        return command;
    }
}

/// <summary>An event as tools read it.</summary>
/// <param name="Record">The number of its record, which holds all events of one commit.
/// </param>
/// <param name="Kind">ran, crashed, timed-out, retried, placed or removed.</param>
/// <param name="Text">A description; null for an event that ran.</param>
internal sealed record EventReport(
    ulong Record, string Cog, string Kind, string? Text, IReadOnlyList<AnswerReport>? Answers);

/// <param name="Kind">
/// given, evaluated, told, answered, spun, reaped or stopped.
/// </param>
internal sealed record AnswerReport(int Slot, string Kind, string? Cog, string? Value);

internal sealed record LogQuery(bool Json, ulong From, ulong To, ulong? Cog, bool Full)
    : TextQuery(Json)
{
    private const int PartsMax = 60;

    protected override int Write(MachineAccess machine, TextWriter writer)
    {
        var snapshots = machine.Snapshots();
        var start = snapshots.LastOrDefault(entry => entry.Position.Number < From);
        if (start == default)
            start = snapshots[0];
        if (From > 0 && start.Position.Number >= From)
            writer.WriteLine($"records up to {start.Position.Number} are no longer kept");
        foreach (var record in machine.View.Log.Read(start.Position))
        {
            if (record.Position.Number > To)
                break;
            if (record.Position.Number >= From)
                Write(writer, record);
        }
        return ExitCode.Success;
    }

    private void Write(TextWriter writer, LogRecord record)
    {
        foreach (var receipt in Receipt.ReadAll(record))
        {
            if (Cog is { } wanted && receipt.Cog.Number != wanted)
                continue;
            var report = Report(record.Position.Number, receipt);
            writer.WriteLine(
                Json
                    ? JsonSerializer.Serialize(report, CommandJson.Default.EventReport)
                    : Line(report));
        }
    }

    private static string Line(EventReport report)
    {
        var what = report.Answers is { } answers
            ? string.Join(", ", answers.Select(Text))
            : report.Text;
        return $"{report.Record,6}  cog {report.Cog}  {what}";
    }

    private static string Text(AnswerReport answer) => $"{answer.Slot}: " + answer.Kind switch
    {
        "given" => answer.Value,
        "told" => $"told cog {answer.Cog}",
        "answered" => "got an answer",
        "spun" => $"spun cog {answer.Cog}",
        "reaped" => $"reaped cog {answer.Cog}",
        "stopped" => $"stopped cog {answer.Cog}",
        var kind => kind,
    };

    private EventReport Report(ulong record, Receipt receipt)
    {
        var (kind, text) = receipt switch
        {
            Receipt.Crashed crashed => ("crashed", StatusText.Of(
                new CogState.Crashed(crashed.Op, crashed.Argument, Nat.Zero))),
            Receipt.TimedOut timedOut => ("timed-out", StatusText.Of(
                new CogState.TimedOut(timedOut.Nanoseconds, Nat.Zero))),
            Receipt.Retried => ("retried", "is tried again"),
            Receipt.Placed => ("placed", "becomes another program"),
            Receipt.Removed => ("removed", "is taken away"),
            _ => ("ran", null),
        };
        return new EventReport(
            record, receipt.Cog.ToString(), kind, text,
            receipt is Receipt.Ran ran
                ? [.. ran.Items.Select(pair => Report(pair.Key, pair.Value))]
                : null);
    }

    private AnswerReport Report(int slot, ReceiptItem item)
    {
        var (kind, cog) = item switch
        {
            ReceiptItem.Given => ("given", (CogId?)null),
            ReceiptItem.EvalDone => ("evaluated", null),
            ReceiptItem.Told told => ("told", told.Asker),
            ReceiptItem.Answered => ("answered", null),
            ReceiptItem.Spun spun => ("spun", spun.Cog),
            ReceiptItem.Reaped reaped => ("reaped", reaped.Cog),
            ReceiptItem.Stopped stopped => ("stopped", stopped.Cog),
            _ => throw new InvalidOperationException($"{item.GetType().Name} is not in the table"),
        };
        return new AnswerReport(
            slot, kind, cog?.ToString(), item is ReceiptItem.Given given ? Show(given) : null);
    }

    private string Show(ReceiptItem.Given given)
    {
        var text = Loot.Show(given.Answer, Full ? int.MaxValue : PartsMax).Trim();
        return Full || Json ? text : Shortened(text);
    }

    /// <summary>A value on one line.</summary>
    private static string Shortened(string text)
    {
        var line = string.Join(' ', text.Split('\n').Select(part => part.Trim()));
        return line.Length <= 100 ? line : line[..97] + "...";
    }
}

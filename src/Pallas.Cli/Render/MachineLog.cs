using System.Globalization;
using System.Text;
using System.Text.Json;
using Pallas.Machine;
using Pallas.Sire.Print;

namespace Pallas.Cli.Render;

/// <summary>Writes the actions of a machine as lines with named fields, for collectors.</summary>
/// <remarks>
/// A line of text is <c>TIME LEVEL EVENT name=value ..</c>; one of JSON is an object of
/// <c>time</c>, <c>level</c>, <c>event</c> and the same fields. Cogs are strings in it, because
/// many tools cut numbers to 53 bits.
/// </remarks>
internal sealed class MachineLog(TextWriter output, bool isJson, TimeProvider clock)
{
    private const int PartsMax = 100;
    private const string Warning = "warning: ";

    private readonly Lock gate = new();

    /// <summary>The same context, reporting to this log.</summary>
    public MachineContext Attach(MachineContext context) => context with
    {
        Message = Message,
        Notify = Report,
        Trace = (cog, value) => Line(
            "info", "trace", ("cog", $"{cog}"), ("value", Loot.Show(value, PartsMax).Trim())),
    };

    private void Message(string text)
    {
        var isWarning = text.StartsWith(Warning, StringComparison.Ordinal);
        Line(
            isWarning ? "warning" : "info",
            "message",
            ("text", isWarning ? text[Warning.Length..] : text));
    }

    private void Report(MachineNotification news)
    {
        switch (news)
        {
            case MachineNotification.Replayed replayed:
                Line(
                    "info", "replayed", ("events", replayed.Events),
                    ("seconds", replayed.Took.TotalSeconds));
                break;
            case MachineNotification.Started started:
                Line(
                    "info", "started", ("record", (long)started.Record), ("cogs", started.Cogs),
                    ("pid", Environment.ProcessId));
                break;
            case MachineNotification.Snapshot snapshot:
                Line(
                    "info", "snapshot", ("record", (long)snapshot.Record),
                    ("seconds", snapshot.Took.TotalSeconds));
                break;
            case MachineNotification.Collected collected:
                Line(
                    "info", "collected", ("count", collected.Count),
                    ("seconds", collected.Took.TotalSeconds));
                break;
            case MachineNotification.CogEnded ended:
                Line(
                    ended.State is CogState.Finished ? "info" : "error",
                    EventOf(ended.State),
                    ("cog", $"{ended.Cog}"),
                    ("text", StatusText.Of(ended.State)));
                break;
            case MachineNotification.Unanswerable unanswerable:
                Line(
                    "warning", "request-unknown", ("cog", $"{unanswerable.Cog}"),
                    ("value", Loot.Show(unanswerable.Request, PartsMax).Trim()));
                break;
            case MachineNotification.ServedFailed failed:
                Line(
                    "error", "served-failed", ("cog", $"{failed.Cog}"),
                    ("request", failed.Request), ("text", StatusText.Of(failed.Why)),
                    ("untold", failed.Untold));
                break;
            case MachineNotification.Stopped stopped:
                Line("info", "stopped", ("record", (long)stopped.Record));
                break;
        }
    }

    private static string EventOf(CogState state) => state switch
    {
        CogState.Finished => "cog-finished",
        CogState.TimedOut => "cog-timeout",
        CogState.Crashed crashed when crashed.Op.Equals(CogState.FaultOp) => "cog-fault",
        _ => "cog-crashed",
    };

    private void Line(string level, string name, params (string Name, object Value)[] fields)
    {
        var time = clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        var line = isJson ? Json(time, level, name, fields) : Text(time, level, name, fields);
        lock (gate)
            output.WriteLine(line);
    }

    private static string Text(
        string time, string level, string name, (string Name, object Value)[] fields)
    {
        var line = new StringBuilder($"{time} {level} {name}");
        foreach (var (field, value) in fields)
        {
            line.Append(' ').Append(field).Append('=').Append(value switch
            {
                string text when text.All(c => char.IsAsciiLetterOrDigit(c)) => text,
                string text => JsonSerializer.Serialize(text, LogJson.Default.String),
                IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
                _ => value,
            });
        }
        return line.ToString();
    }

    private static string Json(
        string time, string level, string name, (string Name, object Value)[] fields)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("time", time);
            writer.WriteString("level", level);
            writer.WriteString("event", name);
            foreach (var (field, value) in fields)
                Write(writer, field, value);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, string field, object value)
    {
        switch (value)
        {
            case long number:
                writer.WriteNumber(field, number);
                break;
            case int number:
                writer.WriteNumber(field, number);
                break;
            case double number:
                writer.WriteNumber(field, number);
                break;
            default:
                writer.WriteString(field, $"{value}");
                break;
        }
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class LogJson : System.Text.Json.Serialization.JsonSerializerContext;

using Pallas.Machine;

namespace Pallas.Devices.Http;

/// <summary>Reports to the operator why a site answers 500.</summary>
/// <remarks>
/// Any client may send requests that make a function crash, so it reports one failure a second,
/// with the number of the others.
/// </remarks>
internal sealed class ServedFailures(CogId cog, MachineContext context)
{
    private const int PathCharsMax = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private long? reportedAt;
    private long unreported;

    public void Report(HttpRequestValue request, ServedFailure why)
    {
        if (context.Notify is not { } news)
            return;
        long others;
        lock (gate)
        {
            if (reportedAt is { } last && context.Time.GetElapsedTime(last) < Pause)
            {
                unreported++;
                return;
            }
            reportedAt = context.Time.GetTimestamp();
            (others, unreported) = (unreported, 0);
        }
        news(new MachineNotification.ServedFailed(cog, TextOf(request), why, others));
    }

    private static string TextOf(HttpRequestValue request)
    {
        var bytes = request.Path.Bytes;
        var path = new char[Math.Min(bytes.Length, PathCharsMax)];
        for (var i = 0; i < path.Length; i++)
            path[i] = bytes[i] is > (byte)' ' and < 0x7F ? (char)bytes[i] : '?';
        var more = bytes.Length > PathCharsMax ? ".." : "";
        return $"{request.Method.ToText()} {new string(path)}{more}";
    }
}

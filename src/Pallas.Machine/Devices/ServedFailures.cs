namespace Pallas.Machine.Devices;

/// <summary>Tells the operator why a site answers 500.</summary>
/// <remarks>Anybody may send requests that make a function crash: so one is told a second, with the
/// number of the others.</remarks>
internal sealed class ServedFailures(CogId cog, MachineOptions options)
{
    private const int PathCharsMax = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private long? toldAt;
    private long untold;

    public void Report(HttpRequestValue request, ServedFailure why)
    {
        if (options.News is not { } news)
            return;
        long others;
        lock (gate)
        {
            if (toldAt is { } last && options.Time.GetElapsedTime(last) < Pause)
            {
                untold++;
                return;
            }
            toldAt = options.Time.GetTimestamp();
            (others, untold) = (untold, 0);
        }
        news(new MachineNews.ServedFailed(cog, TextOf(request), why, others));
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

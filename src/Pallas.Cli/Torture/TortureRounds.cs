using System.Globalization;
using System.Net.Sockets;
using Pallas.Cli.Render;

namespace Pallas.Cli.Torture;

/// <summary>
/// Kills a machine with <c>kill -9</c> while it is written to, starts it again, and compares what
/// it has with what it has acknowledged; again and again.
/// </summary>
/// <param name="clientsCount">Connections that write at the same time, one write each.</param>
internal sealed class TortureRounds(
    string folder, int clientsCount, int seed, TimeProvider clock, TextWriter output)
{
    private const int ReportEvery = 25;
    private const int WritingMsMax = 400;
    private const int EarlyKillOneIn = 10;
    private const int EarlyKillMsMax = 600;

    private readonly Random random = new(seed);
    private readonly TortureLedger ledger = new();
    private readonly long start = clock.GetTimestamp();
    private int killsCount;
    private int earlyKillsCount;
    private Exception? trouble;

    /// <returns>Whether the machine kept every promise.</returns>
    public async Task<bool> Run(int roundsCount)
    {
        for (var round = 1; round <= roundsCount; round++)
        {
            using (var machine = new TortureProcess(folder))
            {
                if (random.Next(EarlyKillOneIn) == 0)
                    await KillEarly(machine).ConfigureAwait(false);
                else
                    await KillAtWork(machine, round).ConfigureAwait(false);
            }
            if (round % ReportEvery == 0 || !ledger.IsGood)
                Report(round);
            if (!ledger.IsGood)
                return false;
        }
        using (var machine = new TortureProcess(folder))
        {
            var port = await machine.WaitForSite().ConfigureAwait(false);
            await CheckWrites(port).ConfigureAwait(false);
        }
        Report(roundsCount);
        return ledger.IsGood;
    }

    /// <summary>While it starts, replays, or opens its site.</summary>
    private async Task KillEarly(TortureProcess machine)
    {
        await Task.Delay(random.Next(EarlyKillMsMax)).ConfigureAwait(false);
        machine.Kill();
        killsCount++;
        earlyKillsCount++;
    }

    private async Task KillAtWork(TortureProcess machine, int round)
    {
        var port = await machine.WaitForSite().ConfigureAwait(false);
        await CheckWrites(port).ConfigureAwait(false);
        var clients = Enumerable.Range(0, clientsCount)
            .Select(client => Write(port, string.Create(
                CultureInfo.InvariantCulture, $"{round}-{client}")))
            .ToArray();
        await Task.Delay(random.Next(WritingMsMax)).ConfigureAwait(false);
        if (machine.HasEnded)
            throw new Failure(
                ExitCode.MachineFault, $"the machine ended by itself\n{machine.LastLines}");
        machine.Kill();
        killsCount++;
        await Task.WhenAll(clients).ConfigureAwait(false);
        if (trouble is { } error)
            throw new Failure(ExitCode.MachineFault, $"{error.Message}\n{machine.LastLines}");
    }

    /// <summary>Compares the writes of the machine with the ledger.</summary>
    private async Task CheckWrites(int port)
    {
        using var client = new TortureClient();
        await client.Connect(port).ConfigureAwait(false);
        var ids = await client.Get("/ids").ConfigureAwait(false)
            ?? throw new Failure(ExitCode.MachineFault, "the machine does not list its writes");
        ledger.Check(ids.Split('/', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>Writes until the connection ends, each id once.</summary>
    private async Task Write(int port, string name)
    {
        try
        {
            using var client = new TortureClient();
            await client.Connect(port).ConfigureAwait(false);
            for (var count = 1; ; count++)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"{name}-{count}");
                ledger.Sent(id);
                if (await client.Get($"/{id}").ConfigureAwait(false) == $"/{id}")
                    ledger.Acknowledged(id);
            }
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            // The kill: the outcome of the open write is unknown.
        }
        catch (TimeoutException error)
        {
            trouble = error;
        }
    }

    private void Report(int round) => output.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"round {round}: {killsCount} kills ({earlyKillsCount} while starting),"
            + $" {ledger.SentCount:N0} writes, {ledger.AcknowledgedCount:N0} acknowledged,"
            + $" {ledger.KeptCount:N0} kept; {ledger.LostCount} lost, {ledger.TwiceCount} twice,"
            + $" {ledger.StrangeCount} strange; {clock.GetElapsedTime(start).TotalSeconds:F0} s"));
}

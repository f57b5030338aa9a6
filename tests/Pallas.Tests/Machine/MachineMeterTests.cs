using System.Diagnostics;
using System.Diagnostics.Metrics;
using Pallas.Machine;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine;

/// <summary>The measurements of a running machine.</summary>
[Collection(typeof(Alone))]
public sealed class MachineMeterTests
{
    [Fact]
    public async Task Events_commits_and_evaluations_are_measured()
    {
        var seen = new Dictionary<string, double>();
        using var listener = Listen(seen);
        await using var rig = Rig.Boot(
            Cogs.Steps(Row.Of(Row.Of("eval", 5, 3, 41)), Row.Of(Cogs.Hear(1))),
            App.Make(Cogs.Crash, Row.Of(Cogs.Hear(1))));
        rig.Device.Answer(new CogId(2), 1, "x");
        rig.WaitDurable(2, state => state is CogState.Crashed);
        rig.WaitDurable(1, state => RunningMachineTests.HistoryOf(state).Count == 1);
        Wait.Until(() => Sum("pallas.commit.events") == 2);
        listener.RecordObservableInstruments();
        Assert.Equal(1, Sum("pallas.events good"));
        Assert.Equal(1, Sum("pallas.events crash"));
        Assert.Equal(1, Sum("pallas.evals good"));
        Assert.Equal(2, Sum("pallas.cogs"));
        Assert.Equal(1, Sum("pallas.requests.open"));
        Assert.True(Sum("pallas.log.bytes") > 0);
        var commits = rig.Machine.Status().Commits!;
        Assert.InRange(commits.Count, 1, 2);
        Assert.True(commits.Half <= commits.NinetyNine && commits.NinetyNine <= commits.Longest);

        double Sum(string name)
        {
            lock (seen)
                return seen.GetValueOrDefault(name);
        }
    }

    [Fact]
    public async Task Events_and_commits_are_spans()
    {
        var names = new List<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MachineMeter.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
                ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                lock (names)
                    names.Add(span.OperationName);
            },
        };
        ActivitySource.AddActivityListener(listener);
        var rig = Rig.Boot(Cogs.LogOf(Cogs.Hear(1)));
        rig.Device.Answer(new CogId(1), 1, "x");
        rig.WaitDurable(1, state => RunningMachineTests.HistoryOf(state).Count == 1);
        await rig.Machine.StopAsync();
        lock (names)
            Assert.Empty(new[] { "replay", "event", "commit", "snapshot" }.Except(names));
    }

    [Fact]
    public void A_window_holds_the_latest_times()
    {
        var window = new LatencyWindow();
        Assert.Null(window.Summary());
        for (var i = 1; i <= 5000; i++)
            window.Add(TimeSpan.FromMilliseconds(i));
        var summary = window.Summary()!;
        Assert.Equal(1024, summary.Count);
        Assert.Equal(TimeSpan.FromMilliseconds(5000), summary.Longest);
        Assert.InRange(summary.Half.TotalMilliseconds, 4480, 4500);
    }

    /// <summary>
    /// Sums by name and outcome; the last value of a gauge. Of machines that begin from here on:
    /// other tests may have left some that were killed.
    /// </summary>
    private static MeterListener Listen(Dictionary<string, double> seen)
    {
        var isStarted = false;
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (isStarted && instrument.Meter.Name == MachineMeter.Name)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        void Add(
            Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var name = tags.Length > 0 ? $"{instrument.Name} {tags[0].Value}" : instrument.Name;
            lock (seen)
                seen[name] = seen.GetValueOrDefault(name) + value;
        }
        listener.SetMeasurementEventCallback<long>(
            (each, value, tags, _) => Add(each, value, tags));
        listener.SetMeasurementEventCallback<int>((each, value, tags, _) => Add(each, value, tags));
        listener.SetMeasurementEventCallback<double>(
            (each, value, tags, _) => Add(each, value, tags));
        listener.Start();
        isStarted = true;
        return listener;
    }
}

using System.Collections.Concurrent;
using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine;

/// <summary>Effects are data that can be printed.</summary>
public sealed class EffectTests
{
    [Fact]
    public async Task A_commit_shows_its_receipts_and_effects()
    {
        var lines = new ConcurrentQueue<string>();
        var context = TestEval.Machine with
        {
            Committed = commit => commit.ToLines().ToList().ForEach(lines.Enqueue),
        };
        var say = Cogs.Say("said");
        await using var rig = Rig.Boot(
            context, Cogs.Steps(Row.Of(Cogs.Hear(1)), Row.Of(Cogs.Hear(2), say)));
        rig.Device.Answer(new CogId(1), 1, 9);
        Wait.Until(() => !rig.Device.Said.IsEmpty);
        var receipt = Row.Of(0, 1, Tab.Of(Set.Of(0), (Value)Row.Of(1, 9)));
        Assert.Equal(
            [
                $"receipt of cog 1: {PlanText.Print(receipt)}",
                $"effect: start slot 1 of cog 1: {PlanText.Print(say)}",
            ],
            lines);
    }

    [Fact]
    public void Each_effect_has_a_text()
    {
        var cog = new CogId(5);
        var value = Row.Of("test", 0, "say", 7);
        var open = new OpenRequest(new LiveCog(cog), 1, value, Request.Read(value));
        var request = $"slot 1 of cog 5: {PlanText.Print(value)}";
        Effect[] effects =
        [
            new Effect.Trace(cog, 3),
            new Effect.StartCall(open),
            new Effect.ConfirmAnswer(open),
            new Effect.CogEnded(cog, CogState.Of(8)),
            new Effect.ForgetCog(cog),
            new Effect.ReportUnanswerable(open),
            new Effect.EndMachine(),
        ];
        Assert.Equal(
            [
                "trace of cog 5: 3",
                $"start {request}",
                $"confirm the answer to {request}",
                $"report the end of cog 5: {PlanText.Print(Row.Of(1, 8))}",
                "forget cog 5",
                $"report {request} as unanswerable",
                "end the machine: no request can be answered",
            ],
            effects.Select(effect => effect.ToString()));
    }
}

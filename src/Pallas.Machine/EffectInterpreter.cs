using Pallas.Values;

namespace Pallas.Machine;

/// <summary>Does to the world what the effects of durable events say.</summary>
internal sealed class EffectInterpreter(
    MachineContext context, DeviceCalls calls, TaskCompletionSource<MachineEnd> ended)
{
    public void Run(Effect effect)
    {
        switch (effect)
        {
            case Effect.Trace trace:
                context.Trace?.Invoke(trace.Cog, trace.Value);
                break;
            case Effect.StartCall start:
                calls.Start(start.Request);
                break;
            case Effect.ConfirmAnswer confirm:
                calls.Confirm(confirm.Request);
                break;
            case Effect.ForgetCog forget:
                calls.Forget(forget.Cog);
                break;
            case Effect.CogEnded end:
                context.Notify?.Invoke(new MachineNotification.CogEnded(end.Cog, end.State));
                break;
            case Effect.ReportUnanswerable report:
                var (cog, value) = (report.Request.Cog.Id, report.Request.Value);
                context.Notify?.Invoke(
                    new MachineNotification.Unanswerable(cog, value, calls.ShapeLike(value)));
                break;
            case Effect.EndMachine:
                ended.TrySetResult(new MachineEnd(null));
                break;
            default:
                throw Invariant.Broken($"this effect is known: {effect}");
        }
    }
}

using Pallas.Values;

namespace Pallas.Machine;

/// <summary>A change of the world by one event, made once the event is durable.</summary>
/// <remarks>
/// An effect is data: the commit writer gives it to the <see cref="EffectInterpreter"/> after the
/// record of its event is on disk, in the order of the log. An effect of an event that is not
/// durable is dropped with it.
/// </remarks>
internal abstract record Effect
{
    private Effect()
    {
    }

    /// <summary>A cog has traced a value.</summary>
    public sealed record Trace(CogId Cog, Value Value) : Effect
    {
        public override string ToString() => $"trace of cog {Cog}: {PlanText.Print(Value)}";
    }

    /// <summary>A device begins to serve a call that is seen outside.</summary>
    public sealed record StartCall(OpenRequest Request) : Effect
    {
        public override string ToString() => $"start {Request}";
    }

    /// <summary>A device hears that the answer it gave is durable.</summary>
    public sealed record ConfirmAnswer(OpenRequest Request) : Effect
    {
        public override string ToString() => $"confirm the answer to {Request}";
    }

    /// <summary>A cog has finished, crashed or timed out.</summary>
    public sealed record CogEnded(CogId Cog, CogState State) : Effect
    {
        public override string ToString() =>
            $"report the end of cog {Cog}: {PlanText.Print(State.ToValue())}";
    }

    /// <summary>Devices release what they hold for a cog that makes no more calls.</summary>
    public sealed record ForgetCog(CogId Cog) : Effect
    {
        public override string ToString() => $"forget cog {Cog}";
    }

    /// <summary>A cog shows a request that nothing in this machine answers.</summary>
    public sealed record ReportUnanswerable(OpenRequest Request) : Effect
    {
        public override string ToString() => $"report {Request} as unanswerable";
    }

    /// <summary>No request is open that could be answered: the machine is blocked.</summary>
    public sealed record EndMachine : Effect
    {
        public override string ToString() => "end the machine: no request can be answered";
    }
}

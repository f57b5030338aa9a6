using Pallas.Eval;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>The log and the state do not go together: replaying cannot go on.</summary>
/// <remarks>Nothing was written. The message is one line for people.</remarks>
public sealed class ReplayError(string message) : Exception(message);

/// <summary>
/// The meaning of receipts: a pure function from a state and a receipt to the next state.
/// </summary>
/// <remarks>
/// The running machine computes every event with <see cref="Run"/> and <see cref="Settle"/> too,
/// so that what was lived and what is replayed cannot differ. What is passed in besides the state
/// (answers that are known already) only saves computing them again.
/// </remarks>
public sealed class Replayer(Evaluator evaluator)
{
    private static readonly Dictionary<int, Value> NothingKnown = [];

    /// <summary>For replaying what was good: silent, and without a limit of time or depth.
    /// </summary>
    public static Replayer Unlimited(MachineOptions options) =>
        new(new Evaluator(options.Evaluation with
        {
            DepthMax = int.MaxValue,
            NatBitsMax = long.MaxValue,
        }));

    /// <summary>The state after the receipts of one record of the log, in order.</summary>
    /// <exception cref="ReplayError">A receipt does not fit the state before it.</exception>
    public MachineState Apply(MachineState state, IEnumerable<Receipt> record)
    {
        var told = new ToldAnswers();
        foreach (var receipt in record)
        {
            var function = receipt is Receipt.Ran ran ? RunAgain(state, ran, told) : null;
            state = Settle(state, receipt, function);
        }
        return state;
    }

    /// <summary>The function that a cog becomes by an event; null where it stops itself.</summary>
    /// <param name="known">Answers by slot that need not be computed again.</param>
    /// <param name="told">Takes what a tell answers its asker, gives it to that ask.</param>
    /// <exception cref="PlanCrash">The event crashed.</exception>
    /// <exception cref="MachineFault">The event could not be finished.</exception>
    public Value? Run(
        MachineState state, Receipt.Ran event_, IReadOnlyDictionary<int, Value> known,
        ToldAnswers told)
    {
        if (StopsItself(event_))
            return null;
        var items = event_.Items;
        var answers = new Value[items.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i] = known.TryGetValue(items.SlotAt(i), out var answer)
                ? answer
                : Answer(state, event_.Cog, items.SlotAt(i), items.ItemAt(i), told);
        }
        var slots = SlotSets.Of(items);
        var function = Spinning(state, event_.Cog).Function;
        return evaluator.Normalize(evaluator.Apply(function, Tab.Of(slots, answers)));
    }

    /// <summary>The state after an event whose result is known.</summary>
    /// <param name="function">What <see cref="Run"/> gave for an event that ran.</param>
    public static MachineState Settle(MachineState state, Receipt receipt, Value? function) =>
        receipt switch
        {
            Receipt.Ran ran => SettleRun(state, ran, function),
            Receipt.Crashed crashed => state.With(
                crashed.Cog,
                new CogState.Crashed(
                    crashed.Op, crashed.Argument, Spinning(state, crashed.Cog).Function)),
            Receipt.TimedOut timedOut => state.With(
                timedOut.Cog,
                new CogState.TimedOut(
                    timedOut.Nanoseconds, Spinning(state, timedOut.Cog).Function)),
            Receipt.Retried retried => state.With(
                retried.Cog, CogState.Of(Failed(state, retried.Cog).Function)),
            Receipt.Placed placed => state.With(placed.Cog, CogState.Of(placed.Function)),
            Receipt.Removed removed when state.Find(removed.Cog) is not null =>
                state.Without(removed.Cog),
            _ => throw Unfit(receipt.Cog, "it is not there"),
        };

    /// <summary>Whether an event ends its own cog, which then computes nothing more.</summary>
    public static bool StopsItself(Receipt.Ran event_)
    {
        for (var i = 0; i < event_.Items.Count; i++)
        {
            if (event_.Items.ItemAt(i) is ReceiptItem.Stopped stopped
                && stopped.Cog == event_.Cog)
                return true;
        }
        return false;
    }

    private static MachineState SettleRun(MachineState state, Receipt.Ran event_, Value? function)
    {
        _ = Spinning(state, event_.Cog);
        var after = state;
        for (var i = 0; i < event_.Items.Count; i++)
        {
            after = event_.Items.ItemAt(i) switch
            {
                ReceiptItem.Spun spun => after.With(
                    spun.Cog,
                    CogState.Of(SpunFunction(state, event_.Cog, event_.Items.SlotAt(i)))),
                ReceiptItem.Reaped reaped => after.Without(reaped.Cog),
                ReceiptItem.Stopped stopped => after.Without(stopped.Cog),
                _ => after,
            };
        }
        return function is null ? after : after.With(event_.Cog, CogState.Of(function));
    }

    private Value? RunAgain(MachineState state, Receipt.Ran event_, ToldAnswers told)
    {
        try
        {
            evaluator.Reset();
            return Run(state, event_, NothingKnown, told);
        }
        catch (PlanCrash crash)
        {
            throw Unfit(event_.Cog, $"an event that was good now ends in a {crash.Message}");
        }
        catch (MachineFault fault)
        {
            throw Unfit(event_.Cog, $"an event that was good cannot be repeated: {fault.Message}");
        }
    }

    private Value Answer(
        MachineState state, CogId cog, int slot, ReceiptItem item, ToldAnswers told)
    {
        switch (item)
        {
            case ReceiptItem.Given given:
                return given.Answer;
            case ReceiptItem.EvalDone when Requests.At(state, cog, slot) is Request.Eval eval:
                return Row.Of(evaluator.Normalize(evaluator.Apply(eval.Function, eval.Args)));
            case ReceiptItem.Told tell:
                return AnswerTell(state, cog, slot, tell, told);
            case ReceiptItem.Answered when told.Take(cog, slot) is { } answer:
                return Some(answer);
            case ReceiptItem.Spun spun:
                return spun.Cog.Number;
            case ReceiptItem.Reaped reaped when state.Find(reaped.Cog) is { } ended:
                return Some(ended.ToValue());
            case ReceiptItem.Stopped stopped when state.Find(stopped.Cog) is { } ended:
                return Some(ended.ToValue());
            default:
                throw Unfit(cog, $"slot {slot} does not ask for what it was answered");
        }
    }

    /// <summary>
    /// Runs the teller's function; it gives the row [to the asker, to the teller].
    /// </summary>
    private Value AnswerTell(
        MachineState state, CogId cog, int slot, ReceiptItem.Told item, ToldAnswers told)
    {
        if (Requests.At(state, cog, slot) is not Request.Tell tell
            || Requests.At(state, item.Asker, item.AskSlot) is not Request.Ask ask
            || ask.Cog != cog)
            throw Unfit(cog, $"slot {slot} tells where nothing was asked");
        var both = evaluator.Normalize(
            evaluator.Apply(tell.Function, item.Asker.Number, ask.Message)) as Row;
        told.Put(item.Asker, item.AskSlot, both is { Count: > 0 } ? both[0] : 0);
        return both is { Count: > 1 } ? both[1] : 0;
    }

    private static Value SpunFunction(MachineState state, CogId cog, int slot) =>
        Requests.At(state, cog, slot) is Request.Spin spin
            ? spin.Function
            : throw Unfit(cog, $"slot {slot} makes a cog that was not asked for");

    private static CogState.Spinning Spinning(MachineState state, CogId cog) =>
        state.Find(cog) as CogState.Spinning ?? throw Unfit(cog, "it is not running");

    private static CogState Failed(MachineState state, CogId cog) =>
        state.Find(cog) is { } failed and (CogState.Crashed or CogState.TimedOut)
            ? failed
            : throw Unfit(cog, "it has not failed");

    /// <summary>The answer <c>(0 x)</c>, which says that there is one.</summary>
    private static Value Some(Value value) => App.Make(0, value);

    private static ReplayError Unfit(CogId cog, string what) =>
        new($"the log cannot be replayed at an event of cog {cog}: {what}");
}

/// <summary>What tells have answered and asks have not taken yet, within one record.</summary>
public sealed class ToldAnswers
{
    private readonly Dictionary<(CogId Asker, int Slot), Value> answers = [];

    internal void Put(CogId asker, int slot, Value answer) => answers[(asker, slot)] = answer;

    internal Value? Take(CogId asker, int slot) =>
        answers.Remove((asker, slot), out var answer) ? answer : null;
}

using System.Collections.ObjectModel;
using Pallas.Eval;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>A receipt of the log does not fit the state before it.</summary>
/// <remarks>Nothing was written. The message is one line.</remarks>
public sealed class ReplayError(string message) : Exception(message);

/// <summary>
/// The meaning of receipts: a pure function from a state and a receipt to the next state.
/// </summary>
/// <remarks>
/// The running machine computes every event with <see cref="Run"/> and
/// <see cref="ApplyReceipt"/> too, so its states and the replayed ones cannot differ. Answers that
/// are known already are passed in only to save computing them again.
/// </remarks>
public sealed class Replayer(Evaluator evaluator)
{
    /// <summary>Replays events that ended well: without traces, and without limits of time and
    /// depth.</summary>
    public static Replayer Unlimited(EvalOptions evaluation) =>
        new(new Evaluator(evaluation with
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
            state = ApplyReceipt(state, receipt, function);
        }
        return state;
    }

    /// <summary>The function that a cog becomes by an event; null if it stops itself.</summary>
    /// <param name="known">Answers by slot that need not be computed again.</param>
    /// <param name="told">Carries the answers from tells to their asks.</param>
    /// <exception cref="PlanCrash">The event crashed.</exception>
    /// <exception cref="MachineFault">The machine could not finish the event.</exception>
    public Value? Run(
        MachineState state, Receipt.Ran ran, IReadOnlyDictionary<int, Value> known,
        ToldAnswers told)
    {
        if (StopsItself(ran))
            return null;
        var items = ran.Items;
        var answers = new Value[items.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i] = known.TryGetValue(items.SlotAt(i), out var answer)
                ? answer
                : Answer(state, ran.Cog, items.SlotAt(i), items.ItemAt(i), told);
        }
        var function = Spinning(state, ran.Cog).Function;
        return evaluator.Normalize(evaluator.Apply(function, Tab.Of(items.ToSet(), answers)));
    }

    /// <summary>The state after an event whose result is known.</summary>
    /// <param name="function">The result of <see cref="Run"/> for an event that ran.</param>
    public static MachineState ApplyReceipt(MachineState state, Receipt receipt, Value? function) =>
        receipt switch
        {
            Receipt.Ran ran => ApplyRun(state, ran, function),
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
    public static bool StopsItself(Receipt.Ran ran)
    {
        for (var i = 0; i < ran.Items.Count; i++)
        {
            if (ran.Items.ItemAt(i) is ReceiptItem.Stopped stopped
                && stopped.Cog == ran.Cog)
                return true;
        }
        return false;
    }

    private static MachineState ApplyRun(MachineState state, Receipt.Ran ran, Value? function)
    {
        _ = Spinning(state, ran.Cog);
        var after = state;
        for (var i = 0; i < ran.Items.Count; i++)
        {
            after = ran.Items.ItemAt(i) switch
            {
                ReceiptItem.Spun spun => after.With(
                    spun.Cog,
                    CogState.Of(SpunFunction(state, ran.Cog, ran.Items.SlotAt(i)))),
                ReceiptItem.Reaped reaped => after.Without(reaped.Cog),
                ReceiptItem.Stopped stopped => after.Without(stopped.Cog),
                _ => after,
            };
        }
        Invariant.Check(
            function is null == StopsItself(ran),
            $"cog {ran.Cog} becomes a function unless it stops itself");
        return function is null ? after : after.With(ran.Cog, CogState.Of(function));
    }

    private Value? RunAgain(MachineState state, Receipt.Ran ran, ToldAnswers told)
    {
        try
        {
            evaluator.Reset();
            return Run(state, ran, ReadOnlyDictionary<int, Value>.Empty, told);
        }
        catch (PlanCrash crash)
        {
            throw Unfit(ran.Cog, $"an event that ended well now ends in a {crash.Message}");
        }
        catch (MachineFault fault)
        {
            throw Unfit(ran.Cog, $"an event that ended well cannot be repeated: {fault.Message}");
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

    /// <summary>The answer <c>(0 x)</c>, unlike 0, which says that there is none.</summary>
    private static Value Some(Value value) => App.Make(0, value);

    private static ReplayError Unfit(CogId cog, string what) =>
        new($"the log cannot be replayed at an event of cog {cog}: {what}");
}

/// <summary>The answers of tells that the asks of the same record have not taken yet.</summary>
public sealed class ToldAnswers
{
    private readonly Dictionary<(CogId Asker, int Slot), Value> answers = [];

    internal void Put(CogId asker, int slot, Value answer) => answers[(asker, slot)] = answer;

    internal Value? Take(CogId asker, int slot) =>
        answers.Remove((asker, slot), out var answer) ? answer : null;
}

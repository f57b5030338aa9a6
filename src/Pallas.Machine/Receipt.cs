using Pallas.Store;
using Pallas.Store.Log;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>One event of a cog in the log: its inputs, its failure, or an act of the operator.
/// </summary>
/// <remarks>
/// The log holds <c>[0 cog tab]</c>, the tab from slots to <see cref="ReceiptItem"/>; <c>[1 cog op
/// arg]</c>; <c>[2 cog ns]</c>; and for the operator <c>[3 cog]</c>, <c>[4 cog f]</c>, <c>[5
/// cog]</c>.
/// </remarks>
public abstract record Receipt(CogId Cog)
{
    public abstract Row ToValue();

    /// <summary>Null if the value is no receipt.</summary>
    public static Receipt? Read(Value value)
    {
        if (value is not Row { Count: > 1 } row
            || row[0] is not SmallNat kind || row[1] is not SmallNat id)
            return null;
        var cog = new CogId(id.Word);
        return (kind.Word, row.Count) switch
        {
            (0, 3) when row[2] is Tab tab => Ran.ReadItems(cog, tab),
            (1, 4) when row[2] is Nat op => new Crashed(cog, op, row[3]),
            (2, 3) when row[2] is Nat nanoseconds => new TimedOut(cog, nanoseconds),
            (3, 2) => new Retried(cog),
            (4, 3) => new Placed(cog, row[2]),
            (5, 2) => new Removed(cog),
            _ => null,
        };
    }

    /// <summary>The receipts of one record of the log.</summary>
    /// <exception cref="StoreError">The record holds something else.</exception>
    public static Receipt[] ReadAll(LogRecord record)
    {
        var values = (record.Payload as Row ?? throw NoReceipts(record)).ToArray();
        var receipts = new Receipt[values.Length];
        for (var i = 0; i < values.Length; i++)
            receipts[i] = Read(values[i]) ?? throw NoReceipts(record);
        return receipts;
    }

    private static StoreError NoReceipts(LogRecord record) => StoreError.Damaged(
        $"record {record.Position.Number} of the log holds no receipts");

    /// <summary>The event ended well. Replay computes its result again.</summary>
    public sealed record Ran(CogId Cog, SlotItems Items)
        : Receipt(Cog)
    {
        public override Row ToValue() => Row.Of(
            0, Cog.Number, Tab.Of(Items.ToSet(), [.. Items.Values.Select(item => item.ToValue())]));

        internal static Ran? ReadItems(CogId cog, Tab tab)
        {
            var slots = new int[tab.Count];
            var items = new ReceiptItem[tab.Count];
            for (var i = 0; i < tab.Count; i++)
            {
                var item = ReceiptItem.Read(tab.ValueAt(i));
                if (tab.KeyAt(i) is not SmallNat { Word: <= int.MaxValue } slot || item is null)
                    return null;
                (slots[i], items[i]) = ((int)slot.Word, item);
            }
            return new Ran(cog, SlotItems.Of(slots, items));
        }
    }

    /// <summary>The event crashed, or the machine could not finish it.</summary>
    public sealed record Crashed(CogId Cog, Nat Op, Value Argument) : Receipt(Cog)
    {
        public override Row ToValue() => Row.Of(1, Cog.Number, Op, Argument);
    }

    /// <summary>The event took longer than the limit.</summary>
    public sealed record TimedOut(CogId Cog, Nat Nanoseconds) : Receipt(Cog)
    {
        public override Row ToValue() => Row.Of(2, Cog.Number, Nanoseconds);
    }

    /// <summary>The operator lets a failed cog continue as before that event.</summary>
    public sealed record Retried(CogId Cog) : Receipt(Cog)
    {
        public override Row ToValue() => Row.Of(3, Cog.Number);
    }

    /// <summary>The operator makes a cog, or replaces the function of one.</summary>
    /// <param name="Function">In normal form.</param>
    public sealed record Placed(CogId Cog, Value Function) : Receipt(Cog)
    {
        public override Row ToValue() => Row.Of(4, Cog.Number, Function);
    }

    /// <summary>The operator removes a cog.</summary>
    public sealed record Removed(CogId Cog) : Receipt(Cog)
    {
        public override Row ToValue() => Row.Of(5, Cog.Number);
    }
}

/// <summary>The answer to one request. An answer that replay can compute is not recorded.</summary>
public abstract record ReceiptItem
{
    private ReceiptItem()
    {
    }

    public abstract Value ToValue();

    /// <summary>Null if the value is no item.</summary>
    public static ReceiptItem? Read(Value value)
    {
        if (value is Nat { IsZero: true })
            return new EvalDone();
        if (value is not Row { Count: > 0 } row || row[0] is not SmallNat kind)
            return null;
        var number = row.Count > 1 ? (row[1] as SmallNat)?.Word : null;
        return (kind.Word, row.Count, number) switch
        {
            (1, 2, _) => new Given(row[1]),
            (2, 3, { } asker) when row[2] is SmallNat { Word: <= int.MaxValue } slot =>
                new Told(new CogId(asker), (int)slot.Word),
            (3, 1, _) => new Answered(),
            (4, 2, { } cog) => new Spun(new CogId(cog)),
            (5, 2, { } cog) => new Reaped(new CogId(cog)),
            (6, 2, { } cog) => new Stopped(new CogId(cog)),
            _ => null,
        };
    }

    /// <summary><c>0</c>: an evaluation that ended well.</summary>
    public sealed record EvalDone : ReceiptItem
    {
        public override Value ToValue() => 0;
    }

    /// <summary><c>[1 x]</c>: the answer itself.</summary>
    public sealed record Given(Value Answer) : ReceiptItem
    {
        public override Value ToValue() => Row.Of(1, Answer);
    }

    /// <summary><c>[2 asker slot]</c>: a tell that answers this ask.</summary>
    public sealed record Told(CogId Asker, int AskSlot) : ReceiptItem
    {
        public override Value ToValue() => Row.Of(2, Asker.Number, AskSlot);
    }

    /// <summary>
    /// <c>[3]</c>: an ask answered by the tell just before it in the same record.
    /// </summary>
    public sealed record Answered : ReceiptItem
    {
        public override Value ToValue() => Row.Of(3);
    }

    /// <summary><c>[4 cog]</c>: a cog was made.</summary>
    public sealed record Spun(CogId Cog) : ReceiptItem
    {
        public override Value ToValue() => Row.Of(4, Cog.Number);
    }

    /// <summary><c>[5 cog]</c>: a cog that had ended was removed.</summary>
    public sealed record Reaped(CogId Cog) : ReceiptItem
    {
        public override Value ToValue() => Row.Of(5, Cog.Number);
    }

    /// <summary><c>[6 cog]</c>: a cog was ended and removed.</summary>
    public sealed record Stopped(CogId Cog) : ReceiptItem
    {
        public override Value ToValue() => Row.Of(6, Cog.Number);
    }
}

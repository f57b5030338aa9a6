using Pallas.Rex;
using Pallas.Sire.Print;
using Pallas.Testing;
using Pallas.Values;

namespace Pallas.Fuzz;

/// <summary>Loot: what is read prints, and plain data reads back as the same value.</summary>
public sealed class LootTarget() : TextTarget("loot")
{
    private const int CheckedLengthMax = 4000;

    public override object? Read(byte[] input)
    {
        var result = LootReader.Read(TextInput.Decode(input));
        if (result.Value is null == (result.Diagnostics.Count == 0))
            throw new PropertyFailure("a value and diagnostics, or neither");
        return result.Value;
    }

    public override void Check(object value, byte[] input)
    {
        if (input.Length > CheckedLengthMax)
            return;
        var read = (Value)value;
        _ = Loot.Show(read, 1000);
        var again = LootReader.Read(Text(read)).Value;
        if (IsPlain(read) && (again is null || !Order.Equal(read, again)))
            throw new PropertyFailure("what was read prints as another value: " + Text(read));
    }

    protected override string MakeText(RandomStream random) => Text(ValueMaker.Make(random));

    private static string Text(Value value) => new RexPrinter().File(Loot.ToFullRex(value));

    /// <summary>Rows of numbers and bytes, and no text beyond ASCII.</summary>
    private static bool IsPlain(Value value)
    {
        var todo = new Stack<Value>([value]);
        while (todo.TryPop(out var next))
        {
            if (next is Row row)
                foreach (var item in row.ToArray())
                    todo.Push(item);
            else if (next is Nat nat ? nat.ToBytes().Any(b => b >= 128) : next is not Bar)
                return false;
        }
        return true;
    }
}

using System.Text;

namespace Pallas.Values;

/// <summary>
/// PLAN written plainly, without names or sugar: <c>7</c>, <c>(f x y)</c>, <c>&lt;item&gt;</c>,
/// <c>{name arity body}</c>. Data jets are written as the laws and apps that they are.
/// </summary>
public static class PlanText
{
    /// <param name="lengthMax">In characters; a longer text is cut and ends in an ellipsis.</param>
    public static string Print(Value value, int lengthMax = int.MaxValue)
    {
        var text = new StringBuilder();
        var todo = new Stack<object>();
        todo.Push(value);
        while (todo.TryPop(out var next))
        {
            if (text.Length > lengthMax)
                return text.ToString(0, lengthMax) + "…";
            if (next is string literal)
                text.Append(literal);
            else
                PrintOne(((Value)next).Resolved, text, todo);
        }
        return text.ToString();
    }

    private static void PrintOne(Value value, StringBuilder text, Stack<object> todo)
    {
        switch (value)
        {
            case Nat nat:
                text.Append(nat.ToDecimal());
                break;
            case Pin pin:
                Push(todo, "<", pin.Item, ">");
                break;
            case App app:
                PushApp(todo, app.Head, app.CopyParts());
                break;
            case Row { Count: > 0 } row:
                var reversed = row.ToArray();
                Array.Reverse(reversed);
                PushApp(todo, new Cow(Nat.Of((ulong)row.Count)), reversed);
                break;
            case Tab tab:
                PushApp(todo, tab.Keys, [tab.ToValueRow()]);
                break;
            case Thunk:
                text.Append('?');
                break;
            default:
                var law = LawParts.Of(value);
                Push(todo, "{", law.Name, " ", law.ArgCount, " ", law.Body, "}");
                break;
        }
    }

    private static void PushApp(Stack<object> todo, Value head, Value[] args)
    {
        todo.Push(")");
        for (var i = args.Length - 1; i >= 0; i--)
        {
            todo.Push(args[i]);
            todo.Push(" ");
        }
        todo.Push(head);
        todo.Push("(");
    }

    private static void Push(Stack<object> todo, params ReadOnlySpan<object> parts)
    {
        for (var i = parts.Length - 1; i >= 0; i--)
            todo.Push(parts[i]);
    }
}

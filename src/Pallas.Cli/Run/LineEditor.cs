using System.Text;

namespace Pallas.Cli.Run;

/// <summary>
/// Reads lines from the keys of a terminal: moving and deleting within the line, and going back to
/// earlier ones. A line wider than the terminal shows the part around the cursor.
/// </summary>
/// <param name="readKey">Waits for a key, without showing it.</param>
/// <param name="width">Columns of the terminal; 0 if unknown.</param>
internal sealed class LineEditor(
    Func<ConsoleKeyInfo> readKey, TextWriter screen, Func<int> width, LineHistory history)
{
    private const string EraseToEnd = "\x1b[K";
    private const string ClearScreen = "\x1b[H\x1b[2J";

    private const int UnknownWidth = 80;
    private const int RoomMin = 8;

    private readonly StringBuilder text = new();
    private int cursor;

    /// <summary>The unfinished line from before the user went back in the history.</summary>
    private string begun = "";
    private int historyIndex;

    public (LineEnd End, string Text) Read(string prompt)
    {
        SetText("");
        historyIndex = history.Lines.Count;
        while (true)
        {
            Draw(prompt);
            var key = readKey();
            if (EndOf(key) is { } end)
            {
                cursor = text.Length;
                Draw(prompt);
                screen.Write(end == LineEnd.Cancelled ? "^C\n" : "\n");
                var line = text.ToString();
                if (end == LineEnd.Entered)
                    history.Add(line);
                return (end, line);
            }
            Edit(key);
        }
    }

    private LineEnd? EndOf(ConsoleKeyInfo key) => Control(key) switch
    {
        'C' => LineEnd.Cancelled,
        'D' when text.Length == 0 => LineEnd.Closed,
        'J' or 'M' => LineEnd.Entered,
        _ => key.Key == ConsoleKey.Enter ? LineEnd.Entered : null,
    };

    private void Edit(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.LeftArrow:
                cursor = Before(cursor);
                return;
            case ConsoleKey.RightArrow:
                cursor = After(cursor);
                return;
            case ConsoleKey.Home:
                cursor = 0;
                return;
            case ConsoleKey.End:
                cursor = text.Length;
                return;
            case ConsoleKey.UpArrow:
                Recall(historyIndex - 1);
                return;
            case ConsoleKey.DownArrow:
                Recall(historyIndex + 1);
                return;
            case ConsoleKey.Backspace:
                Remove(Before(cursor), cursor);
                return;
            case ConsoleKey.Delete:
                Remove(cursor, After(cursor));
                return;
        }
        if (Control(key) is { } letter)
            EditByLetter(letter);
        else if (!char.IsControl(key.KeyChar) && !key.Modifiers.HasFlag(ConsoleModifiers.Alt))
            text.Insert(cursor++, key.KeyChar);
    }

    private void EditByLetter(char letter)
    {
        switch (letter)
        {
            case 'A':
                cursor = 0;
                break;
            case 'B':
                cursor = Before(cursor);
                break;
            case 'D':
                Remove(cursor, After(cursor));
                break;
            case 'E':
                cursor = text.Length;
                break;
            case 'F':
                cursor = After(cursor);
                break;
            case 'H':
                Remove(Before(cursor), cursor);
                break;
            case 'K':
                Remove(cursor, text.Length);
                break;
            case 'L':
                screen.Write(ClearScreen);
                break;
            case 'N':
                Recall(historyIndex + 1);
                break;
            case 'P':
                Recall(historyIndex - 1);
                break;
            case 'U':
                Remove(0, cursor);
                break;
            case 'W':
                Remove(WordStart(), cursor);
                break;
        }
    }

    /// <summary>The letter that was typed with Ctrl, however the terminal reports it.</summary>
    private static char? Control(ConsoleKeyInfo key)
    {
        if (key.Modifiers.HasFlag(ConsoleModifiers.Control)
            && key.Key is >= ConsoleKey.A and <= ConsoleKey.Z)
            return (char)key.Key;
        var isPlain = key.Key is ConsoleKey.Enter or ConsoleKey.Backspace or ConsoleKey.Tab;
        return !isPlain && key.KeyChar is >= '\x01' and <= '\x1a'
            ? (char)(key.KeyChar + '@')
            : null;
    }

    private void Recall(int index)
    {
        if (index < 0 || index > history.Lines.Count)
            return;
        if (historyIndex == history.Lines.Count)
            begun = text.ToString();
        historyIndex = index;
        SetText(index == history.Lines.Count ? begun : history.Lines[index]);
    }

    private void SetText(string line)
    {
        text.Clear().Append(line);
        cursor = text.Length;
    }

    private void Remove(int start, int end)
    {
        text.Remove(start, end - start);
        cursor = start;
    }

    private int WordStart()
    {
        var start = cursor;
        while (start > 0 && text[start - 1] == ' ')
            start--;
        while (start > 0 && text[start - 1] != ' ')
            start--;
        return start;
    }

    /// <summary>A character outside the basic plane is two positions wide in the text.</summary>
    private int Before(int index) =>
        index == 0 ? 0 : index - (index > 1 && char.IsLowSurrogate(text[index - 1]) ? 2 : 1);

    private int After(int index) =>
        index == text.Length ? index
            : index + (index + 1 < text.Length && char.IsHighSurrogate(text[index]) ? 2 : 1);

    private void Draw(string prompt)
    {
        var columns = width() is > 0 and var known ? known : UnknownWidth;
        var room = Math.Max(RoomMin, columns - prompt.Length - 1);
        var start = Math.Max(0, cursor - room);
        var shown = text.ToString(start, Math.Min(room, text.Length - start));
        var back = shown.Length - (cursor - start);
        screen.Write($"\r{prompt}{shown}{EraseToEnd}");
        if (back > 0)
            screen.Write($"\x1b[{back}D");
        screen.Flush();
    }
}

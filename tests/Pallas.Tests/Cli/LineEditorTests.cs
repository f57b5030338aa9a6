using Pallas.Cli.Run;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>Keys in, a line out.</summary>
public sealed class LineEditorTests
{
    private readonly LineHistory history = new(null);
    private readonly StringWriter screen = new();

    /// <param name="keys">Characters; ^A is Ctrl-A, and so on; &lt; &gt; are left and right, ↑ ↓
    /// up and down, ⌫ backspace, ⌦ delete, ⇤ ⇥ home and end, ⏎ enter.</param>
    private (LineEnd End, string Text) Read(string keys, int width = 80)
    {
        var queue = new Queue<ConsoleKeyInfo>();
        for (var i = 0; i < keys.Length; i++)
            queue.Enqueue(keys[i] == '^' ? Control(keys[++i]) : Key(keys[i]));
        var editor = new LineEditor(queue.Dequeue, screen, () => width, history);
        var result = editor.Read("> ");
        Assert.Empty(queue);
        return result;
    }

    private static ConsoleKeyInfo Control(char letter) =>
        new((char)(letter - '@'), (ConsoleKey)letter, shift: false, alt: false, control: true);

    private static ConsoleKeyInfo Key(char key) => key switch
    {
        '<' => Special(ConsoleKey.LeftArrow),
        '>' => Special(ConsoleKey.RightArrow),
        '↑' => Special(ConsoleKey.UpArrow),
        '↓' => Special(ConsoleKey.DownArrow),
        '⌫' => Special(ConsoleKey.Backspace, '\x7f'),
        '⌦' => Special(ConsoleKey.Delete),
        '⇤' => Special(ConsoleKey.Home),
        '⇥' => Special(ConsoleKey.End),
        '⏎' => Special(ConsoleKey.Enter, '\r'),
        _ => new ConsoleKeyInfo(key, 0, shift: false, alt: false, control: false),
    };

    private static ConsoleKeyInfo Special(ConsoleKey key, char character = '\0') =>
        new(character, key, shift: false, alt: false, control: false);

    [Theory]
    [InlineData("add 2 3⏎", "add 2 3")]
    [InlineData("ac<b⏎", "abc")]
    [InlineData("bc⇤a⇥d⏎", "abcd")]
    [InlineData("bc^Aa^Ed⏎", "abcd")]
    [InlineData("abx⌫c⏎", "abc")]
    [InlineData("⌫ab⏎", "ab")]
    [InlineData("axb<<⌦⏎", "ab")]
    [InlineData("ab⌦⏎", "ab")]
    [InlineData("abc<<^K⏎", "a")]
    [InlineData("abc<^U⏎", "c")]
    [InlineData("one two  ^Wx⏎", "one x")]
    [InlineData("a<<<>>>b⏎", "ab")]
    [InlineData("axb<^H⏎", "ab")]
    [InlineData("axb<<^D⏎", "ab")]
    [InlineData("😀b<<a⏎", "a😀b")]
    [InlineData("a😀⌫b⏎", "ab")]
    public void Keys_edit_the_line(string keys, string line) =>
        Assert.Equal((LineEnd.Entered, line), Read(keys));

    [Fact]
    public void Up_and_down_walk_through_the_history()
    {
        Read("one⏎");
        Read("two⏎");
        Read("two⏎");
        Read("  ⏎");
        Assert.Equal(["one", "two"], history.Lines);
        Assert.Equal("one", Read("↑↑↑⏎").Text);
        Assert.Equal("begun", Read("begun↑↓⏎").Text);
        Assert.Equal("one!", Read("^P^P!⏎").Text);
    }

    [Fact]
    public void Control_c_drops_the_line_and_control_d_closes_an_empty_one()
    {
        Assert.Equal(LineEnd.Cancelled, Read("some^C").End);
        Assert.Equal(LineEnd.Closed, Read("^D").End);
        Assert.Empty(history.Lines);
    }

    [Fact]
    public void A_line_wider_than_the_terminal_shows_the_part_at_the_cursor()
    {
        Read("0123456789abcdef⏎", width: 13);
        Assert.EndsWith("\r> 6789abcdef\x1b[K\n", screen.ToString());
        Read("0123456789abcdef⏎", width: 0);
        Assert.EndsWith("\r> 0123456789abcdef\x1b[K\n", screen.ToString());
    }

    [Fact]
    public void A_history_is_kept_in_its_file()
    {
        var folder = Directory.CreateTempSubdirectory("pallas-history-").FullName;
        try
        {
            var path = Path.Combine(folder, "new", "history");
            new LineHistory(path).Add("one");
            var second = new LineHistory(path);
            second.Add("two");
            Assert.Equal(["one", "two"], new LineHistory(path).Lines);
            Assert.Empty(new LineHistory(folder).Lines);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

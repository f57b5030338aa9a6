using System.Globalization;
using System.Security;
using System.Text;

namespace Pallas.Tests.Docs;

/// <summary>Draws text as SVG: <c>docs/drawings/NAME.txt</c> becomes <c>NAME.svg</c>.</summary>
/// <remarks>
/// The first line of the text is the title, the second is empty. In what follows, each line
/// character is drawn from the centre of its cell, so a text that looks right in an editor looks
/// right as a picture. A box is filled by its kind: <c>┌┐</c> code, <c>╭╮</c> a value, <c>╔╗</c>
/// something on disk. The first text line in a box is bold. <c>━</c> is a boundary, in red, with
/// the text of its row.
/// </remarks>
public sealed class Drawing
{
    private const int CellWidth = 9;
    private const int CellHeight = 18;
    private const int Margin = 12;
    private const int FontSize = 14;
    private const char Boundary = '━';

    [Flags]
    private enum Half
    {
        None = 0,
        Left = 1,
        Right = 2,
        Up = 4,
        Down = 8,
    }

    private static readonly Dictionary<char, Half> Halves = new()
    {
        ['─'] = Half.Left | Half.Right, ['═'] = Half.Left | Half.Right,
        ['╌'] = Half.Left | Half.Right, [Boundary] = Half.Left | Half.Right,
        ['│'] = Half.Up | Half.Down, ['║'] = Half.Up | Half.Down, ['┆'] = Half.Up | Half.Down,
        ['┌'] = Half.Right | Half.Down, ['╭'] = Half.Right | Half.Down,
        ['╔'] = Half.Right | Half.Down,
        ['┐'] = Half.Left | Half.Down, ['╮'] = Half.Left | Half.Down,
        ['╗'] = Half.Left | Half.Down,
        ['└'] = Half.Right | Half.Up, ['╰'] = Half.Right | Half.Up, ['╚'] = Half.Right | Half.Up,
        ['┘'] = Half.Left | Half.Up, ['╯'] = Half.Left | Half.Up, ['╝'] = Half.Left | Half.Up,
        ['├'] = Half.Right | Half.Up | Half.Down, ['┤'] = Half.Left | Half.Up | Half.Down,
        ['┬'] = Half.Left | Half.Right | Half.Down, ['┴'] = Half.Left | Half.Right | Half.Up,
        ['┼'] = Half.Left | Half.Right | Half.Up | Half.Down,
        ['▶'] = Half.Left, ['◀'] = Half.Right, ['▼'] = Half.Up, ['▲'] = Half.Down,
    };

    private static readonly Dictionary<char, (string Corners, string Fill, int Radius)> Kinds =
        new()
        {
            ['┌'] = ("┐└┘", "#e8f0fb", 0),
            ['╭'] = ("╮╰╯", "#fdf4dc", 8),
            ['╔'] = ("╗╚╝", "#dff2e3", 0),
        };

    private readonly string title;
    private readonly string[] rows;
    private readonly List<(int Row, int Column, int Bottom, int Right)> boxes = [];
    private readonly StringBuilder svg = new();

    private Drawing(string text)
    {
        var lines = text.TrimEnd('\n').Split('\n');
        title = lines[0];
        rows = lines[2..];
    }

    /// <summary>The SVG of a drawing's text.</summary>
    public static string ToSvg(string text) => new Drawing(text).Draw();

    private string Draw()
    {
        var width = (rows.Max(row => row.Length) * CellWidth) + (2 * Margin);
        var height = (rows.Length * CellHeight) + (2 * Margin);
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"
              width="{width}" height="{height}" role="img" font-size="{FontSize}"
              font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace">
            <title>{SecurityElement.Escape(title)}</title>
            <rect width="{width}" height="{height}" fill="#ffffff"/>

            """);
        for (var row = 0; row < rows.Length; row++)
            for (var column = 0; column < rows[row].Length; column++)
                DrawBox(row, column);
        for (var row = 0; row < rows.Length; row++)
        {
            DrawLines(row);
            DrawTexts(row);
        }
        return svg.Append("</svg>\n").ToString();
    }

    private char At(int row, int column) =>
        row >= 0 && row < rows.Length && column >= 0 && column < rows[row].Length
            ? rows[row][column]
            : ' ';

    private Half HalvesAt(int row, int column) =>
        Halves.GetValueOrDefault(At(row, column), Half.None);

    private void DrawBox(int row, int column)
    {
        if (!Kinds.TryGetValue(At(row, column), out var kind))
            return;
        var right = column + 1;
        while (At(row, right) != kind.Corners[0] && HalvesAt(row, right) != Half.None)
            right++;
        var bottom = row + 1;
        while (At(bottom, column) != kind.Corners[1] && HalvesAt(bottom, column) != Half.None)
            bottom++;
        if (At(row, right) != kind.Corners[0] || At(bottom, right) != kind.Corners[2])
            return;
        boxes.Add((row, column, bottom, right));
        svg.Append(CultureInfo.InvariantCulture, $"""
            <rect x="{X(column)}" y="{Y(row)}" width="{X(right) - X(column)}"
              height="{Y(bottom) - Y(row)}" rx="{kind.Radius}" fill="{kind.Fill}"/>

            """);
    }

    private void DrawLines(int row)
    {
        for (var column = 0; column < rows[row].Length; column++)
        {
            var halves = HalvesAt(row, column);
            if (halves == Half.None)
                continue;
            var (x, y) = (X(column), Y(row));
            var path = At(row, column) is '╭' or '╮' or '╰' or '╯'
                ? Bend(halves, x, y)
                : Straight(halves, row, column);
            var style = At(row, column) switch
            {
                Boundary => "stroke=\"#c0392b\" stroke-width=\"2.5\"",
                '╌' or '┆' => "stroke=\"#333333\" stroke-dasharray=\"3 3\"",
                _ => "stroke=\"#333333\"",
            };
            svg.Append($"<path d=\"{path}\" fill=\"none\" {style}/>\n");
            DrawHead(At(row, column), x, y);
        }
    }

    /// <summary>A line that meets another one at a right angle reaches to its centre.</summary>
    private string Straight(Half halves, int row, int column)
    {
        var path = new StringBuilder();
        foreach (var (half, dx, dy) in Directions)
        {
            if (!halves.HasFlag(half))
                continue;
            var next = HalvesAt(row + Math.Sign(dy), column + Math.Sign(dx));
            var reach = next == Half.None || next.HasFlag(Opposite(half)) ? 1 : 2;
            path.Append(
                CultureInfo.InvariantCulture,
                $"M{X(column)} {Y(row)}l{reach * dx} {reach * dy}");
        }
        return path.ToString();
    }

    private static Half Opposite(Half half) => half switch
    {
        Half.Left => Half.Right,
        Half.Right => Half.Left,
        Half.Up => Half.Down,
        _ => Half.Up,
    };

    private static string Bend(Half halves, int x, int y)
    {
        var ends = Directions.Where(direction => halves.HasFlag(direction.Half)).ToArray();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"M{x + ends[0].X} {y + ends[0].Y}Q{x} {y} {x + ends[1].X} {y + ends[1].Y}");
    }

    private static readonly (Half Half, double X, double Y)[] Directions =
    [
        (Half.Left, -CellWidth / 2.0, 0), (Half.Right, CellWidth / 2.0, 0),
        (Half.Up, 0, -CellHeight / 2.0), (Half.Down, 0, CellHeight / 2.0),
    ];

    private void DrawHead(char arrow, int x, int y)
    {
        var points = arrow switch
        {
            '▶' => $"{x - 1},{y - 4} {x - 1},{y + 4} {x + 8},{y}",
            '◀' => $"{x + 1},{y - 4} {x + 1},{y + 4} {x - 8},{y}",
            '▼' => $"{x - 4},{y + 6} {x + 4},{y + 6} {x},{y + 16}",
            '▲' => $"{x - 4},{y - 6} {x + 4},{y - 6} {x},{y - 16}",
            _ => null,
        };
        if (points is null)
            return;
        if (arrow is '▼' or '▲')
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<path d=\"M{x} {y}v{(arrow == '▼' ? 6 : -6)}\" stroke=\"#333333\"/>\n");
        svg.Append($"<polygon points=\"{points}\" fill=\"#333333\"/>\n");
    }

    private void DrawTexts(int row)
    {
        var isBoundary = rows[row].Contains(Boundary, StringComparison.Ordinal);
        for (var column = 0; column < rows[row].Length; column++)
        {
            if (!IsText(row, column))
                continue;
            var end = column;
            while (IsText(row, end) || (At(row, end) == ' ' && IsText(row, end + 1)))
                end++;
            var style = isBoundary ? " font-weight=\"bold\" fill=\"#c0392b\""
                : IsHeading(row, column) ? " font-weight=\"bold\" fill=\"#1a1a1a\""
                : " fill=\"#1a1a1a\"";
            var text = SecurityElement.Escape(rows[row][column..end]);
            svg.Append(CultureInfo.InvariantCulture, $"""
                <text x="{Margin + (column * CellWidth)}" y="{Y(row) + 5}"
                  textLength="{(end - column) * CellWidth}"
                  lengthAdjust="spacingAndGlyphs"{style}>{text}</text>

                """);
            column = end;
        }
    }

    private bool IsText(int row, int column) =>
        At(row, column) != ' ' && HalvesAt(row, column) == Half.None;

    private bool IsHeading(int row, int column) =>
        boxes.Any(box => box.Row == row - 1 && box.Column < column && column < box.Right);

    private static int X(int column) => Margin + (column * CellWidth) + (CellWidth / 2);

    private static int Y(int row) => Margin + (row * CellHeight) + (CellHeight / 2);
}

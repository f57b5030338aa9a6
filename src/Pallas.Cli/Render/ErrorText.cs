using System.Text;
using Pallas.Rex;
using Pallas.Sire.Errors;
using Pallas.Sire.Print;
using Pallas.Values;

namespace Pallas.Cli.Render;

/// <summary>Errors as text.</summary>
internal static class ErrorText
{
    /// <summary>Values longer than this many parts are cut.</summary>
    private const int PartsMax = 400;

    public static string Of(SireError error)
    {
        var text = new StringBuilder(error.Render().TrimEnd());
        if (error.Culprit is { } culprit && error.SourceLine is null)
            text.Append("\n\nin the form:\n\n").Append(Indent(Print(culprit)));
        for (var i = 0; i < error.Values.Count; i++)
            text.Append('\n').Append(Indent(LabelOf(error, i) + Show(error.Values[i])));
        return text.ToString();
    }

    public static string Of(PlanCrash crash) =>
        $"the program crashed: {Show(crash.Op)} was applied to\n{Indent(Show(crash.Argument))}";

    private static string LabelOf(SireError error, int index) => error.Kind switch
    {
        SireErrorKind.Assertion => index == 0 ? "left:  " : "right: ",
        _ => "",
    };

    private static string Show(Value value) => Loot.Show(value, PartsMax).Trim();

    private static string Print(RexTree tree) =>
        new RexPrinter(RexColors.None, value => Loot.ToEmbeddedRex(value, PartsMax)).File(tree);

    private static string Indent(string text) =>
        string.Join('\n', text.TrimEnd().Split('\n').Select(line => "    " + line));
}

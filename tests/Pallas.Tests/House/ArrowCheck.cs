namespace Pallas.Tests.House;

/// <summary>Compares arrows between types with the table of namespaces. Each finding is one line
/// that says what to change.</summary>
internal static class ArrowCheck
{
    private const string Table = "tests/Pallas.Tests/House/ArrowTable.cs";

    public static IReadOnlyList<string> Findings(
        IReadOnlyList<ProjectRow> table, IReadOnlyCollection<string> namespaces,
        IReadOnlyCollection<Arrow> arrows)
    {
        var rows = table.SelectMany(project => project.Namespaces
                .SelectMany((row, index) => row.Split(' ')
                    .Select(name => (Name: name, Place: new Row(project, index)))))
            .ToDictionary(row => row.Name, row => row.Place);
        return
        [
            .. namespaces.Where(name => !rows.ContainsKey(name)).Order()
                .Select(name => NoRow(name, arrows)),
            .. rows.Keys.Except(namespaces).Order().Select(name =>
                $"{name} holds no type: delete its row in {Table}"),
            .. arrows.Where(arrow => arrow.Source != arrow.Target)
                .Where(arrow => rows.ContainsKey(arrow.Source) && rows.ContainsKey(arrow.Target))
                .Where(arrow => !rows[arrow.Source].MayReferTo(rows[arrow.Target]))
                .Select(arrow => Wrong(arrow, rows[arrow.Source], rows[arrow.Target])).Order(),
        ];
    }

    private static string NoRow(string name, IReadOnlyCollection<Arrow> arrows)
    {
        var below = arrows.Where(arrow => arrow.Source == name).Select(arrow => arrow.Target);
        var above = arrows.Where(arrow => arrow.Target == name).Select(arrow => arrow.Source);
        return $"{name} has no row in {Table}: add it to its project, below {List(name, below)} "
            + $"and above {List(name, above)}";
    }

    private static string Wrong(Arrow arrow, Row from, Row to) => from.Project == to.Project
        ? $"{arrow}: {arrow.Target} is below {arrow.Source} in {Table}. "
            + "Move one of the two types, or cut the reference"
        : $"{arrow}: {from.Project.Name} does not refer to {to.Project.Name} in {Table}. "
            + "Cut the reference";

    private static string List(string self, IEnumerable<string> names)
    {
        var others = names.Distinct().Where(name => name != self).Order().ToArray();
        return others.Length == 0 ? "nothing" : string.Join(", ", others);
    }

    private sealed record Row(ProjectRow Project, int Index)
    {
        public bool MayReferTo(Row other) => Project == other.Project
            ? other.Index <= Index
            : Project.RefersTo.Contains(other.Project.Name);
    }
}

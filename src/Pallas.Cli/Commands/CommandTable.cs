using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Pallas.Cli.Control;
using Pallas.Cli.Options;
using Pallas.Machine;

namespace Pallas.Cli.Commands;

/// <param name="Name">As it is typed; also the name of its query.</param>
/// <param name="Query">The query that the command sends to a running machine, if any.</param>
internal sealed record CommandRow(
    string Name, Func<CommandContext, Command> Create, Type? Query = null);

/// <summary>The commands, in the order of the help. A new command is its file and a row; one that
/// asks a running machine has a line in <see cref="CommandJson"/> too.</summary>
internal static class CommandTable
{
    private const string Overview = """
        Pallas: an application is its database.

        Write one pure function, boot it into a machine, start it: it never forgets.

          pallas demo                    a counter that survives Ctrl-C and kill -9
          pallas sire                    try the Sire language
          pallas boot ./my app.sire      make a machine of the program's main
          pallas start ./my              run it, from where it was
        """;

    public static IReadOnlyList<CommandRow> Rows { get; } =
    [
        new("demo", DemoCommand.Create),
        new("sire", SireCommand.Create),
        new("save", SaveCommand.Create),
        new("show", _ => ShowCommand.Create()),
        new("repl", ReplCommand.Create),
        new("boot", BootCommand.Create),
        new("start", StartCommand.Create),
        new("status", StatusCommand.Create, typeof(StatusQuery)),
        new("open", _ => OpenCommand.Create()),
        new("poke", PokeCommand.Create, typeof(PokeQuery)),
        new("cog", CogCommand.Create, typeof(CogQuery)),
        new("torture", TortureCommand.Create),
        new("router", _ => RouterCommand.Create()),
        new("log", LogCommand.Create, typeof(LogQuery)),
        new("du", DuCommand.Create, typeof(DuQuery)),
        new("check", CheckCommand.Create, typeof(CheckQuery)),
        new("backup", BackupCommand.Create, typeof(BackupQuery)),
        new("restore", _ => RestoreCommand.Create()),
        new("fork", ForkCommand.Create, typeof(ForkQuery)),
        new("adopt", _ => AdoptCommand.Create()),
        new("cache", _ => CacheCommand.Create()),
        new("conform", ConformCommand.Create),
        new("doc", _ => DocCommand.Create()),
    ];

    /// <summary>How queries are written: with the name of their command.</summary>
    public static JsonSerializerOptions Queries { get; } = new(CommandJson.Default.Options)
    {
        TypeInfoResolver = CommandJson.Default.WithAddedModifier(AddQueries),
    };

    /// <summary>The program with its commands, or with the one that is named: each takes a while
    /// to make.</summary>
    public static RootCommand Root(CommandContext context, string? name)
    {
        var root = new RootCommand(Overview);
        var isOne = Rows.Any(row => row.Name == name);
        foreach (var row in Rows.Where(row => !isOne || row.Name == name))
            root.Add(row.Create(context));
        context.AddTo(root);
        return root;
    }

    private static void AddQueries(JsonTypeInfo type)
    {
        if (type.Type != typeof(MachineQuery))
            return;
        type.PolymorphismOptions = new JsonPolymorphismOptions();
        foreach (var row in Rows)
        {
            if (row.Query is { } query)
                type.PolymorphismOptions.DerivedTypes.Add(new(query, row.Name));
        }
    }
}

/// <summary>Queries and reports as JSON: names in camelCase, cogs as strings, because many tools
/// cut numbers to 53 bits.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MachineQuery))]
[JsonSerializable(typeof(StatusQuery))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(PokeQuery))]
[JsonSerializable(typeof(CogQuery))]
[JsonSerializable(typeof(LogQuery))]
[JsonSerializable(typeof(EventReport))]
[JsonSerializable(typeof(DuQuery))]
[JsonSerializable(typeof(DuReport))]
[JsonSerializable(typeof(CheckQuery))]
[JsonSerializable(typeof(CheckReport))]
[JsonSerializable(typeof(BackupQuery))]
[JsonSerializable(typeof(ForkQuery))]
internal sealed partial class CommandJson : JsonSerializerContext;

using System.CommandLine;
using Pallas.Cli.Render;
using Pallas.Cli.Run;
using Pallas.Store.Pins;
using Pallas.Values;

namespace Pallas.Cli.Options;

/// <summary>The options of every command that loads Sire.</summary>
internal sealed class SireOptionSet(CommandContext context)
{
    private readonly Option<string[]> libraries = new("--lib")
    {
        Description = "A folder to look for modules in, before our own library.",
        HelpName = "DIR",
    };

    private readonly Option<bool> noCache = new("--no-cache")
    {
        Description = "Load every module from its source, and keep nothing.",
    };

    private readonly Option<bool> verbose = new("--verbose", "-v")
    {
        Description = "Print the definitions of our own library too, while it loads.",
    };

    /// <summary>A command that also runs a machine shares these with its options.</summary>
    public JetOptionSet Jets { get; } = new();

    public void AddTo(Command command)
    {
        command.Options.Add(libraries);
        command.Options.Add(noCache);
        command.Options.Add(verbose);
        Jets.AddTo(command);
    }

    /// <param name="printDefinitions">Whether bindings are printed, as at the prompt.</param>
    public SireFile Open(ParseResult parsed, string? file, bool printDefinitions)
    {
        foreach (var library in parsed.GetValue(libraries) ?? [])
        {
            if (!Directory.Exists(library))
                throw Failure.Mistake($"{libraries.Name}: there is no folder {library}");
        }
        var own = file is null ? Directory.GetCurrentDirectory() : FolderOf(file);
        return new SireFile(
            file,
            new ModuleFolders([own, .. parsed.GetValue(libraries) ?? []], Folders.Library),
            parsed.GetValue(noCache) ? null : new ModuleCache(new PinFiles(Folders.Cache)),
            context.Evaluation with { Jets = Jets.Read(parsed) },
            printDefinitions,
            parsed.GetValue(verbose));
    }

    /// <summary>The <c>main</c> of a Sire file, or the value of a seed.</summary>
    public Value LoadProgram(ParseResult parsed, string file) =>
        SireFile.IsMeantBy(file)
            ? Open(parsed, file, printDefinitions: false).LoadMain()
            : SeedFile.Read(file);

    private static string FolderOf(string file) =>
        Path.GetDirectoryName(Path.GetFullPath(file))!;
}

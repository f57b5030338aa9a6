using System.CommandLine;
using Pallas.Eval;
using Pallas.Sire;
using Pallas.Sire.Expand;
using Pallas.Sire.Print;
using Pallas.Store.Pins;
using Pallas.Values;

namespace Pallas.Cli;

/// <summary>How Sire is to be loaded; the options of every command that does.</summary>
internal sealed class SireOptionSet(EvaluationOptionSet evaluation)
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

    /// <summary>Those that a command which also runs a machine shares with it.</summary>
    public JetOptionSet Jets { get; } = new();

    public void AddTo(Command command)
    {
        command.Options.Add(libraries);
        command.Options.Add(noCache);
        command.Options.Add(verbose);
        Jets.AddTo(command);
    }

    /// <param name="printDefinitions">Whether what is bound is shown, as the prompt does.</param>
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
            evaluation.Options with { Jets = Jets.Read(parsed) },
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

/// <summary>A Sire file, or only the library, ready to load.</summary>
internal sealed class SireFile
{
    private const string Suffix = ".sire";

    private readonly string? file;
    private readonly bool isVerbose;
    private readonly bool printsDefinitions;
    private readonly ModuleFolders modules;
    private readonly Stack<bool> isQuiet = new([false]);

    public SireFile(
        string? file, ModuleFolders modules, ModuleCache? cache, EvalOptions evaluation,
        bool printDefinitions, bool verbose)
    {
        this.file = file;
        this.modules = modules;
        isVerbose = verbose;
        printsDefinitions = printDefinitions;
        var terminal = printDefinitions ? Terminal.Out : Terminal.Error;
        Evaluator = new Evaluator(
            evaluation with
            {
                Trace = terminal.Value,
                DeepTrace = value => terminal.Tree(Loot.ToFullRex(value)),
            });
        Session = new SireSession(new SireOptions
        {
            Evaluator = Evaluator,
            Modules = modules,
            Cache = cache,
            Report = Print,
        });
    }

    public Evaluator Evaluator { get; }

    public SireSession Session { get; }

    /// <summary>Whether a path means a Sire file, by its name or by its name without the end.
    /// </summary>
    public static bool IsMeantBy(string path) =>
        path.EndsWith(Suffix, StringComparison.Ordinal) || File.Exists(path + Suffix);

    /// <summary>The module that the file is.</summary>
    public string Module
    {
        get
        {
            var path = file ?? throw new InvalidOperationException("no file was given");
            if (!File.Exists(path + Suffix))
                UserFile.MustExist(path);
            return Path.GetFileName(path) is var name
                && name.EndsWith(Suffix, StringComparison.Ordinal)
                ? name[..^Suffix.Length]
                : name;
        }
    }

    public SireState Load()
    {
        var result = Session.Load(Module);
        return result.State ?? throw Failure.Of(result.Errors);
    }

    /// <summary>Loads the file and returns the value that it binds to <c>main</c>.</summary>
    public Value LoadMain()
    {
        var state = Load();
        return Session.Find(state, "main")
            ?? throw Failure.Mistake(
                $"{file} defines no main; add a definition like = (main) | runCog program");
    }

    private void Print(SireEvent happened)
    {
        switch (happened)
        {
            case SireEvent.Loading loading:
                isQuiet.Push(!isVerbose && modules.IsOwn(loading.Module));
                break;
            case SireEvent.Loaded:
                isQuiet.Pop();
                break;
            case SireEvent.Orphaned orphan:
                Terminal.Error.Line(
                    $"pallas: {orphan.File}: warning: there is no module {orphan.Predecessor} "
                    + "to stand on; the file is loaded with its imports alone");
                break;
            case var shown when printsDefinitions && !isQuiet.Peek():
                Terminal.Out.Event(shown);
                break;
        }
    }
}

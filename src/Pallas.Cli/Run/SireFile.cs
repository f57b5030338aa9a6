using Pallas.Cli.Render;
using Pallas.Eval;
using Pallas.Sire;
using Pallas.Sire.Expand;
using Pallas.Sire.Print;
using Pallas.Values;

namespace Pallas.Cli.Run;

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

    /// <summary>Whether a path means a Sire file: by its full name, or without the suffix.
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
                $"{file} does not define main\n"
                + "hint: add a definition such as = (main) | runCog program");
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
                    $"pallas: {orphan.File}: warning: the predecessor "
                    + $"{orphan.Predecessor} does not exist; "
                    + "the file is loaded with its imports only");
                break;
            case var shown when printsDefinitions && !isQuiet.Peek():
                Terminal.Out.Event(shown);
                break;
        }
    }
}

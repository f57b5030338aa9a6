using Pallas.Eval;
using Pallas.Sire;
using Pallas.Sire.Expand;
using Pallas.Sire.Modules;
using Pallas.Values;

namespace Pallas.Bench;

/// <summary>Our own library, loaded from source, and calls of what it binds.</summary>
internal sealed class Library : IModuleSource
{
    private static readonly string[] Folders =
        [Path.Combine("sire", "lib"), Path.Combine("sire", "boot"), "programs"];

    private readonly SireSession session;
    private readonly SireState state;
    private readonly string module;

    public Library(string module = "prelude")
    {
        this.module = module;
        session = new SireSession(new SireOptions { Evaluator = Evaluator, Modules = this });
        var result = session.Load(module);
        state = result.State
            ?? throw new InvalidOperationException(string.Join('\n', result.Errors));
    }

    public Evaluator Evaluator { get; } = new(new EvalOptions { Jets = JetTable.All });

    /// <summary>The value that the module has for a name.</summary>
    public Value this[string name] => session.Find(state, name)
        ?? throw new InvalidOperationException($"{module} does not bind {name}");

    public ModuleFile? Find(string module)
    {
        var path = Folders
            .Select(folder => Path.Combine(AppContext.BaseDirectory, folder, module + ".sire"))
            .FirstOrDefault(File.Exists);
        return path is null ? null : new ModuleFile(path, File.ReadAllBytes(path));
    }
}

using Pallas.Plan;
using Pallas.Sire;

namespace Pallas.Bench;

/// <summary>Our own library, loaded from source, and calls of what it binds.</summary>
internal sealed class Library : IModuleSource
{
    private readonly SireSession session;
    private readonly SireState state;

    public Library()
    {
        session = new SireSession(new SireOptions { Evaluator = Evaluator, Modules = this });
        var result = session.Load("prelude");
        state = result.State
            ?? throw new InvalidOperationException(string.Join('\n', result.Errors));
    }

    public Evaluator Evaluator { get; } = new(new EvalOptions { Jets = JetTable.All });

    /// <summary>The value that the prelude binds to a name.</summary>
    public Value this[string name] => session.Find(state, name)
        ?? throw new InvalidOperationException($"the prelude does not bind {name}");

    public ModuleFile? Find(string module)
    {
        var path = new[] { "lib", "boot" }
            .Select(folder => Path.Combine(
                AppContext.BaseDirectory, "sire", folder, module + ".sire"))
            .FirstOrDefault(File.Exists);
        return path is null ? null : new ModuleFile(path, File.ReadAllBytes(path));
    }
}

using Pallas.Eval;
using Pallas.Fuzz;
using Pallas.Sire;
using Pallas.Sire.Expand;
using Pallas.Values;

namespace Pallas.Tests.Library;

/// <summary>The prelude, loaded. A session serves one thread at a time: calls take turns.</summary>
public sealed class LoadedLibrary
{
    private static readonly Lazy<LoadedLibrary> Loaded = new(() => new LoadedLibrary());

    private readonly Lock gate = new();

    public LoadedLibrary()
    {
        Evaluator = new Evaluator(TestEval.WithJets);
        Session = new SireSession(new SireOptions { Evaluator = Evaluator, Modules = Folders });
        Prelude = Session.Load("prelude");
    }

    public static LoadedLibrary Shared => Loaded.Value;

    public Evaluator Evaluator { get; }

    public LibraryFolders Folders { get; } = new();

    public SireSession Session { get; }

    /// <summary>The state at the end of the prelude, or the errors.</summary>
    public SireResult Prelude { get; }

    /// <summary>The value of a name in the prelude, or null.</summary>
    public Value? Find(string name)
    {
        lock (gate)
            return Session.Find(Prelude.State!, name);
    }

    /// <summary>The result of one more module on top of the prelude.</summary>
    /// <param name="text">The module without its first line.</param>
    public SireResult Load(string name, string text) =>
        LoadText(name, $"#### {name} <- prelude\n\n:| prelude\n\n{text}");

    /// <summary>The result of one more module, given whole.</summary>
    public SireResult LoadText(string name, string text)
    {
        lock (gate)
        {
            Folders.Added[name] = text;
            return Session.Load(name);
        }
    }
}

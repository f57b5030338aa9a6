using System.Text;
using Pallas.Eval;
using Pallas.Fuzz;
using Pallas.Rex;
using Pallas.Sire;
using Pallas.Sire.Errors;
using Pallas.Sire.Expand;
using Pallas.Sire.Modules;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Sire;

/// <summary>Modules in memory, and a session over them.</summary>
internal sealed class SireText : IModuleSource
{
    private readonly Dictionary<string, string> modules = [];

    public SireText(params (string Name, string Text)[] modules)
    {
        foreach (var (name, text) in modules)
            this.modules[name] = text;
    }

    public IModuleCache? Cache { get; init; }

    public List<SireEvent> Events { get; } = [];

    public string this[string module]
    {
        set => modules[module] = value;
    }

    public ModuleFile? Find(string module) => modules.TryGetValue(module, out var text)
        ? new ModuleFile(module + ".sire", Encoding.UTF8.GetBytes(text))
        : null;

    public SireSession Open() => new(new SireOptions
    {
        Evaluator = new Evaluator(TestEval.WithJets),
        Modules = this,
        Cache = Cache,
        Report = Events.Add,
    });

    /// <summary>The value of <c>main</c> in a module.</summary>
    public static Value MainOf(string body)
    {
        var session = new SireText(("a", "#### a\n\n" + body)).Open();
        var result = session.Load("a");
        Assert.Empty(result.Errors.Select(error => error.Render()));
        return session.Find(result.State!, "main")!;
    }

    /// <summary>The error of loading a module; line 3 is the first line of the body.</summary>
    public static SireError Error(string body)
    {
        var result = new SireText(("a", "#### a\n\n" + body)).Open().Load("a");
        return Assert.Single(result.Errors);
    }

    /// <summary>One block at a prompt.</summary>
    public static RexBlock Block(string text) => Assert.Single(RexReader.Read(text));
}

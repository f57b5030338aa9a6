using System.Text;
using Pallas.Eval;
using Pallas.Rex;
using Pallas.Sire;
using Pallas.Sire.Expand;
using Pallas.Sire.Modules;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Fuzz;

/// <summary>Modules in one text: each begins at a line <c>#### name</c> and goes on to the next
/// such line; the last one is the one to load.</summary>
internal sealed class TextModules : IModuleSource
{
    private const string Mark = "#### ";

    private readonly Dictionary<string, byte[]> modules = [];

    public TextModules(ReadOnlySpan<byte> input)
    {
        for (var start = 0; start < input.Length;)
        {
            var length = input[(start + 1)..].IndexOf("\n#### "u8);
            var end = length < 0 ? input.Length : start + length + 2;
            var text = input[start..end];
            Last = NameOf(text);
            modules[Last] = text.ToArray();
            start = end;
        }
    }

    public string Last { get; private set; } = "main";

    public ModuleFile? Find(string module) =>
        modules.TryGetValue(module, out var bytes) ? new ModuleFile(module, bytes) : null;

    private static string NameOf(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith(Encoding.ASCII.GetBytes(Mark)))
            return "main";
        var name = text[Mark.Length..];
        var end = name.IndexOfAny((byte)' ', (byte)'\n');
        return Encoding.UTF8.GetString(end < 0 ? name : name[..end]);
    }
}

/// <summary>Sire texts out of the forms that the compiler itself knows.</summary>
internal sealed class SireText(RandomStream random, IReadOnlyList<string> globals)
{
    private readonly List<string> names = [.. globals];

    public string Module(string name, string? before, IReadOnlyList<string> others)
    {
        var text = new StringBuilder($"#### {name}");
        if (before is not null)
            text.Append($" <- {before}");
        text.Append("\n\n");
        foreach (var other in others)
            text.Append($":| {other}\n");
        for (var i = random.Skewed(6); i >= 0; i--)
            text.Append(Command()).Append("\n\n");
        return text.ToString();
    }

    private string Command()
    {
        switch (random.Below(20))
        {
            case 0:
                var side = Expr(2);
                return $"=?= {side} {side}";
            case 1:
                return Expr(3);
            case 2:
                return $"^-^ {Name()} {Name()}";
            case 3:
                var rune = random.Pick<string>(["!", "+", "=", "#", "'"]);
                return $"= ({{{rune}}} s r e o) | {random.Pick<string>(
                    ["o r s", "o 1 s", "e {no} r", "o (0 1 r) s", "0", "o r (0 0)", "e r s"])}";
            case 4:
                return $"({random.Pick<string>(["!", "+", "=", "#", "'"])} {Expr(1)} {Expr(1)})";
            case 5:
                return $"* = {Fresh()} {Expr(1)}\n* {Expr(1)}";
            case 6:
                var inlined = Fresh();
                var known = Name();
                names.Add(inlined);
                return $"= (**{inlined} x) | {known} (**{known} x) x";
            default:
                var value = Expr(3);
                var name = Fresh();
                names.Add(name);
                return random.OneIn(2) ? $"= {name} {value}" : $"= ({name} x y) {value}";
        }
    }

    private string Fresh() => $"v{random.Below(20)}";

    private string Name() => random.OneIn(12)
        ? Fresh()
        : random.Pick<string>([.. names, "x", "y", "_", "0", "1", "2", "3", "4"]);

    private string Expr(int depth)
    {
        if (depth == 0)
            return random.OneIn(3)
                ? random.Pick<string>(["0", "1", "2", "3", "4", "5", "{a}", "99999999999999999999"])
                : Name();
        string Sub() => Expr(depth - 1);
        return random.Below(12) switch
        {
            0 => $"(0 {Sub()} {random.Below(4)} {Sub()})",
            1 => $"(@ x {Sub()} {Sub()})",
            2 => $"(@@ x={Sub()} {Sub()})",
            3 => $"(x y & {Sub()})",
            4 => $"(? (f x) {Sub()})",
            5 => $"(?? (f x y) {Sub()})",
            6 => $"(^ {Sub()} _ {Sub()})",
            7 => $"(3 {Sub()})",
            8 => $"**{Name()}",
            9 => $"({Name()} {Sub()} {Sub()})",
            10 => $"(. {Name()})",
            _ => $"({Sub()} {Sub()})",
        };
    }
}

/// <summary>Modules without a library: a state or errors, which print.</summary>
public sealed class SireTarget() : TextTarget("sire")
{
    private const long StepsMax = 1 << 17;

    /// <summary>The steps of the evaluator and of inlining have bounds of their own, which do not
    /// depend on the length of what is read.</summary>
    public override long AllocationBaseBytes => 2L << 30;

    public override int TimeBaseMs => 10_000;

    public override object? Read(byte[] input)
    {
        var modules = new TextModules(input);
        var evaluator = new Evaluator(TestEval.Plain with
        {
            StepsMax = StepsMax,
            DepthMax = 1 << 18,
            NatBitsMax = 1 << 16,
        });
        var session = new SireSession(
            new SireOptions { Evaluator = evaluator, Modules = modules });
        var result = session.Load(modules.Last);
        foreach (var error in result.Errors)
            _ = error.Render();
        if (result.State is null == (result.Errors.Count == 0))
            throw new PropertyFailure("a state and errors, or neither");
        RunAtPrompt(session, modules, input);
        return result.State;
    }

    private static void RunAtPrompt(SireSession session, TextModules modules, byte[] input)
    {
        if (session.StartRepl(modules.Last).State is not { } state)
            state = session.StartRepl().State!;
        foreach (var block in RexReader.Read(Encoding.UTF8.GetString(input)))
            state = session.Run(state, block).State ?? state;
    }

    protected override string MakeText(RandomStream random)
    {
        var text = new StringBuilder();
        string? before = null;
        for (var i = 0; i <= random.Skewed(4); i++)
        {
            var others = i > 0 && random.OneIn(3) ? new[] { $"m{random.Below(i + 1)}" } : [];
            var makes = new SireText(random, ["0"]);
            text.Append(makes.Module($"m{i}", random.OneIn(4) ? null : before, others));
            before = $"m{i}";
        }
        return text.ToString();
    }
}

/// <summary>Modules on top of our own library, whose macros then read what is written.</summary>
public sealed class LibraryTarget() : TextTarget("sire-library")
{
    private const long StepsMax = 1 << 18;

    private static readonly string[] Names =
    [
        "add", "sub", "if", "len", "map", "foldl", "weld", "idx", "put", "TRUE", "FALSE", "eql",
        "tabIns", "setIns", "cat", "rep", "mul", "lsh", "pow", "show", "die", "trk",
    ];

    private readonly Loaded library = Loaded.Library.Value;

    public override long AllocationBaseBytes => 2L << 30;

    public override int TimeBaseMs => 10_000;

    public override object? Read(byte[] input)
    {
        library.Evaluator.Reset();
        var state = library.Start;
        var isGood = true;
        foreach (var block in RexReader.Read(Encoding.UTF8.GetString(input)))
        {
            var result = library.Session.Run(state, block);
            foreach (var error in result.Errors)
                _ = error.Render();
            isGood &= result.State is not null;
            state = result.State ?? state;
        }
        return isGood ? state : null;
    }

    protected override string MakeText(RandomStream random)
    {
        var text = new SireText(random, Names).Module("x", null, []);
        return text[text.IndexOf('\n')..];
    }

    /// <summary>Loaded once, without a limit; then run with one.</summary>
    private sealed class Loaded : IModuleSource, IModuleCache
    {
        public static readonly Lazy<Loaded> Library = new(() => new Loaded());

        private readonly Dictionary<Hash256, Value> entries = [];

        private Loaded()
        {
            Evaluator = new Evaluator(TestEval.WithJets);
            Session = new SireSession(Options());
            var first = Session.Load("prelude");
            if (first.State is null)
                throw new InvalidOperationException(first.Errors[0].Render());
            Evaluator = new Evaluator(TestEval.WithJets with
            {
                StepsMax = StepsMax,
                DepthMax = 1 << 18,
                NatBitsMax = 1 << 16,
            });
            Session = new SireSession(Options());
            Start = Session.StartRepl("prelude").State
                ?? throw new InvalidOperationException("the library is not found again");
        }

        public Evaluator Evaluator { get; }

        public SireSession Session { get; }

        public SireState Start { get; }

        private SireOptions Options() =>
            new() { Evaluator = Evaluator, Modules = this, Cache = this };

        public ModuleFile? Find(string module)
        {
            foreach (var folder in new[] { "lib", "boot" })
            {
                var path = Path.Combine(
                    AppContext.BaseDirectory, "sire", folder, module + ".sire");
                if (File.Exists(path))
                    return new ModuleFile(path, File.ReadAllBytes(path));
            }
            return null;
        }

        public Value? Load(Hash256 key) => entries.GetValueOrDefault(key);

        public void Save(Hash256 key, Value value) => entries[key] = value;
    }
}

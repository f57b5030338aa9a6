using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Moves each let to where it is used.
/// </summary>
/// <remarks>
/// Assumes: ids are unique; lets may be anywhere, in any order, and need not be used.
///
/// Gives: a let that nothing uses is gone; a value that is used once, and not by itself, replaces
/// its variable; every other group of mutually recursive lets surrounds the smallest expression
/// that contains all uses. Calls are classified again. No expression of a law is evaluated twice
/// in one activation, so the program cannot observe the move.
///
/// Example: <c>(let x = (f a) in (if c (g x) b))</c> becomes <c>(if c (g (f a)) b)</c>.
/// </remarks>
internal sealed class FloatLets
{
    private readonly CoreBuilder build;
    private readonly List<Node> nodes = [];
    private readonly List<Binding> bound = [];
    private readonly List<int> rootOf = [];
    private readonly Dictionary<int, int> indexOf = [];
    private readonly List<List<int>> usesOf = [];
    private readonly Stack<(Core Core, int Parent, int Part, int Owner)> todo = new();

    private FloatLets(CoreBuilder build) => this.build = build;

    /// <summary>A let before it has a place.</summary>
    /// <param name="IsPlaced">Whether the lets inside the value have their places already.</param>
    public readonly record struct Binding(int Id, Core Value, bool IsPlaced);

    /// <summary>An expression other than a let; refers to others by index.</summary>
    private sealed class Node(Core core, int parent, int owner)
    {
        public Core Core => core;

        /// <summary>What this is part of; for the value of a let, its place.</summary>
        public int Parent = parent;

        /// <summary>The let of whose value this is a part, at any depth; -1 for the body.</summary>
        public int Owner => owner;

        public int[] Parts = [];

        /// <summary>The let whose value replaces this variable; -1 for none.</summary>
        public int Replacement = -1;

        /// <summary>Groups of lets around this expression, outermost last.</summary>
        public List<(List<int> Group, bool IsRecursive)>? Lets;
    }

    public static Core Run(Core core, CoreBuilder build) => Place([], core, build);

    /// <summary>Places lets in an expression that may use them all.</summary>
    public static Core Place(IEnumerable<Binding> bindings, Core top, CoreBuilder build)
    {
        var pass = new FloatLets(build);
        foreach (var binding in bindings)
            pass.Bind(binding);
        pass.todo.Push((top, -1, 0, -1));
        var root = pass.Flatten();
        pass.PlaceGroups();
        return pass.Rebuild(root);
    }

    private void Bind(Binding binding)
    {
        var index = bound.Count;
        indexOf[binding.Id] = index;
        bound.Add(binding);
        usesOf.Add([]);
        rootOf.Add(-1);
        todo.Push((binding.Value, -1, 0, index));
    }

    // ---- Expressions as nodes

    /// <returns>The node of the body.</returns>
    private int Flatten()
    {
        var (root, variables) = (-1, new List<(int Id, int Node)>());
        while (todo.TryPop(out var step))
        {
            var core = step.Core;
            var isPlaced = step is { Parent: < 0, Owner: >= 0 } && bound[step.Owner].IsPlaced;
            while (!isPlaced && core is (Core.Let or Core.LetRec))
                core = Unbind(core);
            var (index, node) = (nodes.Count, new Node(core, step.Parent, step.Owner));
            nodes.Add(node);
            if (step.Parent >= 0)
                nodes[step.Parent].Parts[step.Part] = index;
            else if (step.Owner >= 0)
                rootOf[step.Owner] = index;
            else
                root = index;
            if (core is Core.Var variable)
                variables.Add((variable.Id, index));
            if (isPlaced)
                continue;
            var parts = core.Parts;
            node.Parts = parts.Length == 0 ? node.Parts : new int[parts.Length];
            for (var i = 0; i < parts.Length; i++)
                todo.Push((parts[i], index, i, step.Owner));
        }
        foreach (var (id, node) in variables)
        {
            if (indexOf.TryGetValue(id, out var index))
                usesOf[index].Add(node);
        }
        return root;
    }

    private Core Unbind(Core core)
    {
        if (core is Core.Let let)
        {
            Bind(new Binding(let.Id, let.Bound, IsPlaced: false));
            return let.Body;
        }
        var rec = (Core.LetRec)core;
        foreach (var (id, value) in rec.Bindings)
            Bind(new Binding(id, value, IsPlaced: false));
        return rec.Body;
    }

    private Core Rebuild(int index)
    {
        if (!StackGuard.HasRoom)
            return RebuildOnFreshStack(index);
        var node = nodes[index];
        var core = node.Core;
        if (node.Replacement >= 0)
        {
            core = Rebuild(rootOf[node.Replacement]);
        }
        else if (node.Parts.Length > 0)
        {
            var parts = Array.ConvertAll(node.Parts, Rebuild);
            var isSame = core is not Core.Apply && parts.AsSpan().SequenceEqual(
                core.Parts, ReferenceEqualityComparer.Instance);
            core = isSame ? core : build.With(core, parts);
        }
        foreach (var (group, isRecursive) in node.Lets ?? [])
        {
            core = isRecursive
                ? new Core.LetRec([.. group.Select(let => (bound[let].Id, ValueOf(let)))], core)
                : new Core.Let(bound[group[0]].Id, ValueOf(group[0]), core);
        }
        return core;
    }

    private Core RebuildOnFreshStack(int index) =>
        StackGuard.OnFreshStack(() => Rebuild(index));

    private Core ValueOf(int let) => Rebuild(rootOf[let]);

    // ---- Places

    private void PlaceGroups()
    {
        if (bound.Count == 0)
            return;
        var needs = bound.Select(_ => new List<int>()).ToArray();
        for (var let = 0; let < needs.Length; let++)
        {
            foreach (var owner in usesOf[let].Select(use => nodes[use].Owner))
            {
                if (owner >= 0)
                    needs[owner].Add(let);
            }
        }
        var isLive = new bool[bound.Count];
        var groups = Components.Find(bound.Count, needs);
        for (var i = groups.Count - 1; i >= 0; i--)
            PlaceGroup(groups[i], isLive);
    }

    private void PlaceGroup(List<int> group, bool[] isLive)
    {
        var uses = group.SelectMany(let => usesOf[let]).ToArray();
        var outer = uses.Where(use => nodes[use].Owner is var owner
            && (owner < 0 || isLive[owner])).ToList();
        if (outer.Count == 0)
            return;
        var inside = group.ToHashSet();
        var isRecursive = uses.Any(use => inside.Contains(nodes[use].Owner));
        var place = CommonAncestor(outer);
        group.Sort();
        foreach (var let in group)
        {
            isLive[let] = true;
            nodes[rootOf[let]].Parent = place;
        }
        if (outer.Count == 1 && !isRecursive)
            nodes[place].Replacement = group[0];
        else
            (nodes[place].Lets ??= []).Add((group, isRecursive));
    }

    private int CommonAncestor(List<int> uses)
    {
        if (uses.Count == 1)
            return uses[0];
        var height = new Dictionary<int, int>();
        var path = new List<int>();
        for (var node = uses[0]; node >= 0; node = nodes[node].Parent)
        {
            height[node] = path.Count;
            path.Add(node);
        }
        var highest = 0;
        foreach (var use in uses)
        {
            var node = use;
            while (!height.ContainsKey(node))
                node = nodes[node].Parent;
            highest = Math.Max(highest, height[node]);
        }
        return path[highest];
    }
}

using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Decodes a law body: <c>(0 f x)</c> applies, <c>(1 v b)</c> on the outermost spine binds the
/// next variable and may refer to all others, <c>(2 x)</c> quotes, a number up to the last
/// variable is that variable, and everything else is a constant.
/// </summary>
internal sealed class LawDecoder
{
    private readonly CoreBuilder build;
    private readonly List<FloatLets.Binding> bindings = [];
    private readonly List<Core> variables;

    /// <summary>Whether calls stay as they are written, because a let may be placed in them.
    /// </summary>
    private bool hasLets;

    private LawDecoder(CoreBuilder build, IEnumerable<Core> variables) =>
        (this.build, this.variables) = (build, [.. variables]);

    /// <summary>The body of the builder's own law.</summary>
    public static Core Decode(CoreBuilder build)
    {
        var code = build.Self!;
        var variables = Enumerable.Range(0, code.Arity + 1).Select(id => new Core.Var(id));
        return new LawDecoder(build, variables).Decode(code.Source!.Body);
    }

    /// <summary>The body of another law as part of the builder's law.</summary>
    /// <param name="args">Each argument becomes a let, so it is evaluated at most once.</param>
    public static Core DecodeCall(LawCode code, Core[] args, CoreBuilder build)
    {
        var decoder = new LawDecoder(build, [new Core.Const(code.Self)]);
        foreach (var arg in args)
        {
            var variable = CoreQueries.IsAtom(arg) ? arg : new Core.Var(build.NewVariable());
            decoder.variables.Add(variable);
            if (!ReferenceEquals(variable, arg))
                decoder.bindings.Add(new(((Core.Var)variable).Id, arg, IsPlaced: true));
        }
        return decoder.Decode(code.Source!.Body);
    }

    private Core Decode(Value body)
    {
        var values = new List<Value>();
        while (body is App { Head: SmallNat { Word: 1 }, Count: 2 } let)
        {
            values.Add(let[0]);
            variables.Add(new Core.Var(build.NewVariable()));
            body = let[1];
        }
        hasLets = bindings.Count + values.Count > 0;
        var first = variables.Count - values.Count;
        for (var i = 0; i < values.Count; i++)
        {
            var id = ((Core.Var)variables[first + i]).Id;
            bindings.Add(new(id, Read(values[i]), IsPlaced: false));
        }
        var top = Read(body);
        return hasLets ? FloatLets.Place(bindings, top, build) : top;
    }

    private Core Read(Value code)
    {
        if (!StackGuard.HasRoom)
            return ReadOnFreshStack(code);
        switch (code)
        {
            case SmallNat nat when nat.Word < (ulong)variables.Count:
                return variables[(int)nat.Word];
            case App { Head: SmallNat { Word: 2 }, Count: 1 } quote:
                return new Core.Const(quote[0]);
            case App { Head: SmallNat { Word: 0 }, Count: 2 } call:
                return ReadCall(call);
            default:
                return new Core.Const(code);
        }
    }

    private Core ReadOnFreshStack(Value code) => StackGuard.OnFreshStack(() => Read(code));

    private Core ReadCall(App code)
    {
        var args = new List<Core>();
        Value head = code;
        while (head is App { Head: SmallNat { Word: 0 }, Count: 2 } call)
        {
            args.Add(Read(call[1]));
            head = call[0];
        }
        args.Reverse();
        var function = Read(head);
        return hasLets
            ? new Core.Apply(function, [.. args])
            : build.Apply(function, [.. args]);
    }
}

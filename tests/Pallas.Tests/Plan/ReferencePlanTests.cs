using CsCheck;
using Pallas.Eval;
using Pallas.Fuzz;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Plan;

/// <summary>The evaluator against the specification, on generated programs.</summary>
public sealed class ReferencePlanTests
{
    private const int StepsMax = 2_000;

    /// <summary>A program: what both evaluators are given.</summary>
    private abstract record Code;

    private sealed record Number(ulong Value) : Code;

    private sealed record Call(Code Function, Code[] Args) : Code;

    private static readonly Gen<Code> Small = Gen.Frequency(
        (6, Gen.ULong[0, 6]), (1, Gen.ULong[250, 260])).Select(n => (Code)new Number(n));

    private static readonly Gen<Code> Programs = Gen.Recursive<Code>((depth, self) =>
        depth > 3 ? Small : Gen.Frequency(
            (2, Small),
            (3, Gen.Select(self, self.Array[1, 4], (f, args) => (Code)new Call(f, args))),
            (2, Gen.Select(Gen.ULong[0, 4], self.Array[1, 5], (op, args) =>
                (Code)new Call(new Number(op), args))),
            (4, Gen.Select(
                Gen.ULong[1, 3], Bodies, self.Array[0, 4],
                (arity, body, args) => Apply(MakeLaw(arity, body), args))),
            (1, Gen.Select(
                Gen.ULong[1, 3], Bodies, self.Array[0, 4],
                (arity, body, args) => Apply(MakePin(MakeLaw(arity, body)), args)))));

    /// <summary>Law bodies, as values: variables, calls, lets, quotes, opcodes.</summary>
    private static Gen<Code> Bodies => Gen.Recursive<Code>((depth, self) =>
        depth > 3 ? Small : Gen.Frequency(
            (4, Small),
            (6, Gen.Select(self, self, (f, x) =>
                (Code)new Call(new Number(0), [f, x]))),
            (2, Gen.Select(self, self, (value, body) =>
                (Code)new Call(new Number(1), [value, body]))),
            (1, Small.Select(x => (Code)new Call(new Number(2), [x]))),
            (2, Gen.Select(Gen.ULong[2, 4], op =>
                (Code)new Call(new Number(2), [new Number(op)]))),
            (2, Gen.Select(self, self, self, (a, b, c) =>
                (Code)new Call(new Number(0), [
                    new Call(new Number(0), [
                        new Call(new Number(0), [new Call(new Number(2), [new Number(2)]), a]),
                        b]),
                    c])))));

    /// <summary>Laws of many lets, which share and need each other in every way.</summary>
    private static readonly Gen<Code> LetPrograms = Gen.Select(
        LetParts.Array[2, 6], LetParts, Gen.ULong[1, 2], Small.Array[1, 3],
        (values, body, arity, args) => (Code)new Call(
            MakeLaw(arity, values.Reverse().Aggregate(body, (inner, value) =>
                new Call(new Number(1), [value, inner]))),
            args));

    /// <summary>Variables, calls of variables, and rows of variables.</summary>
    private static Gen<Code> LetParts => Gen.Recursive<Code>((depth, self) =>
        depth > 2 ? Gen.ULong[0, 8].Select(n => (Code)new Number(n)) : Gen.Frequency(
            (4, Gen.ULong[0, 8].Select(n => (Code)new Number(n))),
            (1, Gen.ULong[250, 260].Select(n => (Code)new Number(n))),
            (2, Gen.Select(self, self, (f, x) => (Code)new Call(new Number(0), [f, x]))),
            (1, self.Select(x => (Code)new Call(
                new Number(0), [new Call(new Number(2), [new Number(3)]), x]))),
            (3, Gen.Select(self, self, (a, b) => (Code)new Call(
                new Number(0), [
                    new Call(new Number(0), [
                        new Call(new Number(2), [
                            new Call(new Number(0), [
                                new Number(0), new Number(3), new Number(0)])]),
                        a]),
                    b])))));

    private static Code Apply(Code function, Code[] args) =>
        args.Length == 0 ? function : new Call(function, args);

    private static Code MakeLaw(ulong arity, Code body) =>
        new Call(new Number(0), [new Number(7), new Number(arity), body]);

    private static Code MakePin(Code item) => new Call(new Number(4), [item]);

    [Fact]
    public void Generated_programs_end_as_the_specification_says() =>
        Compare(Programs, 10_000);

    [Fact]
    public void Lets_that_share_and_need_each_other_are_what_the_specification_says() =>
        Compare(LetPrograms, 3_000);

    private static void Compare(Gen<Code> programs, int count) =>
        programs.Sample(
            program =>
            {
                var expected = RunReference(program);
                if (expected is null)
                    return true;
                var actual = Run(program);
                if (expected != actual)
                    Assert.Fail($"expected {expected}\nactual   {actual}\nfor {Show(program)}");
                return true;
            },
            iter: count);

    private static string Show(Code program) => program switch
    {
        Number number => number.Value.ToString(),
        Call call => $"({Show(call.Function)} {string.Join(' ', call.Args.Select(Show))})",
        _ => "",
    };

    private static string? RunReference(Code program)
    {
        var reference = new ReferencePlan(StepsMax);
        try
        {
            return ReferencePlan.Print(reference.Force(Build(reference, program)));
        }
        catch (ReferencePlan.Crash crash)
        {
            return $"CRASH {crash.Op} {ReferencePlan.Print(crash.Argument)}";
        }
        catch (ReferencePlan.Loop)
        {
            return "LOOP";
        }
        catch (ReferencePlan.OutOfSteps)
        {
            return null;
        }
    }

    private static ReferencePlan.Term Build(ReferencePlan reference, Code program) =>
        program switch
        {
            Number number => new ReferencePlan.Nat(number.Value),
            Call call => call.Args.Aggregate(
                Build(reference, call.Function),
                (function, arg) => reference.Delay(function, Build(reference, arg))),
            _ => throw new InvalidOperationException(),
        };

    private static string Run(Code program)
    {
        var evaluator = new Evaluator(TestEval.Plain);
        try
        {
            return PlanText.Print(evaluator.Normalize(Build(evaluator, program)));
        }
        catch (PlanCrash crash)
        {
            return $"CRASH {crash.Op} {PlanText.Print(crash.Argument)}";
        }
        catch (MachineFault fault) when (fault.Kind == FaultKind.Loop)
        {
            return "LOOP";
        }
    }

    private static Value Build(Evaluator evaluator, Code program) => program switch
    {
        Number number => Nat.Of(number.Value),
        Call call => evaluator.Delay(
            Build(evaluator, call.Function),
            [.. call.Args.Select(arg => Build(evaluator, arg))]),
        _ => throw new InvalidOperationException(),
    };
}

using System.Security.Cryptography;
using System.Text;
using Pallas.Eval;
using Pallas.Fuzz;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Plan;

/// <summary>The reference's evaluation of hand-picked terms; the file says what is what.</summary>
public sealed class GoldenPlanTests
{
    public static TheoryData<string, string, string> Cases()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var row in Golden.Rows("plan/cases.tsv"))
        {
            // compute-301 alone has no program: the file holds neither its text nor its seed.
            if (row[0] != "compute-301")
                data.Add(row[0], row[2], row[4]);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_term_evaluates_as_in_the_reference(string name, string term, string expected)
    {
        var evaluator = new Evaluator(TestEval.Plain);
        var value = PlanReader.Read(term, (head, args) => evaluator.Delay(head, args));
        Assert.True(expected == Outcome(evaluator, value, expected), name);
    }

    private static string Outcome(Evaluator evaluator, Value value, string expected)
    {
        try
        {
            var text = PlanText.Print(evaluator.Normalize(value));
            if (!expected.StartsWith("VALUE-SHA256", StringComparison.Ordinal))
                return "VALUE " + text;
            var hash = SHA256.HashData(Encoding.ASCII.GetBytes(text));
            return $"VALUE-SHA256 {Convert.ToHexStringLower(hash)} {text.Length}";
        }
        catch (PlanCrash crash)
        {
            return $"CRASH {PlanText.Print(crash.Op)} {PlanText.Print(crash.Argument)}";
        }
        catch (MachineFault fault) when (fault.Kind == FaultKind.Loop)
        {
            return "LOOP";
        }
    }
}

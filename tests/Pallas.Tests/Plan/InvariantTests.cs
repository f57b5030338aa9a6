using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Plan;

public sealed class InvariantTests
{
    [Fact]
    public void A_broken_invariant_says_what_does_not_hold()
    {
        var count = -1;
        var plain = Assert.Throws<InvariantBroken>(
            () => Invariant.Check(count >= 0, "a count is not negative"));
        var filled = Assert.Throws<InvariantBroken>(
            () => Invariant.Check(count >= 0, $"the count {count} is not negative"));
        Assert.EndsWith("a count is not negative", plain.Message);
        Assert.EndsWith("the count -1 is not negative", filled.Message);
    }

    [Fact]
    public void The_text_of_an_invariant_that_holds_is_not_built()
    {
        var builtCount = 0;
        Invariant.Check(true, $"this was built {++builtCount} times");
        Assert.Equal(0, builtCount);
    }
}

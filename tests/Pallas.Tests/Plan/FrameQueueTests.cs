using Pallas.Eval;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Plan;

public sealed class FrameQueueTests
{
    private static readonly NamedPoint[] Points =
        [.. Enumerable.Range(0, 4).Select(number => new NamedPoint($"law {number}"))];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Frames_resume_in_the_order_of_their_writes(int pointCount)
    {
        var random = new Random(pointCount);
        for (var round = 0; round < 50; round++)
        {
            var frames = Make(random, pointCount).ToArray();
            var queue = new FrameQueue();
            for (var i = 0; i < frames.Length; i++)
            {
                queue.Begin(frames[i]);
                for (var item = 0; item < i % 3; item++)
                    queue.Write(frames[i].LawName + item);
                for (var word = 0; word < i % 4; word++)
                    queue.Write((ulong)(i + word));
            }
            Assert.Equal(frames.Length, queue.Count);
            Assert.Equal(frames.Select(point => point.LawName), queue.Names());
            for (var i = 0; i < frames.Length; i++)
            {
                Assert.Same(frames[i], queue.Take());
                for (var item = 0; item < i % 3; item++)
                    Assert.Equal(frames[i].LawName + item, queue.TakeRef());
                for (var word = 0; word < i % 4; word++)
                    Assert.Equal((ulong)(i + word), queue.TakeWord());
                if (i % 100 == 7 && queue.Count > 0)
                    Assert.Equal(frames[i + 1].LawName, queue.Names().First());
            }
            Assert.Equal(0, queue.Count);
        }
    }

    /// <summary>Runs of one point or of several that take turns, some of them long, and at the end
    /// two frames.</summary>
    private static IEnumerable<NamedPoint> Make(Random random, int pointCount)
    {
        for (var run = 0; run < 12; run++)
        {
            var turns = 1 + random.Next(pointCount);
            var start = random.Next(pointCount);
            var length = random.Next(4) == 0 ? random.Next(2_000) : random.Next(6);
            for (var i = 0; i < length; i++)
                yield return Points[(start + (i % turns)) % pointCount];
        }
        yield return Points[0];
        yield return Points[pointCount - 1];
    }

    private sealed class NamedPoint(string name) : ResumePoint
    {
        public override string? LawName => name;

        public override Value? Resume(Evaluator evaluator, FrameQueue queue, Value value) => value;
    }
}

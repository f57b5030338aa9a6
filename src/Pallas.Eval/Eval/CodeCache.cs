using System.Runtime.CompilerServices;

namespace Pallas.Eval;

/// <summary>The batches of machine code that are in use, and a bound on their number.</summary>
/// <remarks>
/// A batch takes native memory, and some of the mappings that the operating system allows a
/// process (65,530 as a rule). The garbage collector sees neither. Without a bound, a program
/// that makes laws would run out of mappings, and .NET would end the process. While there is no
/// room, laws are interpreted. The next full garbage collection drops the batches that no law
/// uses, and so makes room.
/// </remarks>
internal sealed class CodeCache
{
    /// <summary>The native memory that a batch adds to the garbage collector's account.</summary>
    /// <remarks>A fraction of the true size, which would make the collector run all the time. With
    /// this figure it runs in the background, about once in 500 batches.</remarks>
    private const long BytesPerBatch = 8 << 10;

    private readonly ConditionalWeakTable<object, Use> uses = [];
    private int liveCount;

    /// <summary>Held while a law is analyzed and compiled.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The most batches in use. 4,000 take less than half of the mappings.</summary>
    public int BatchesMax { get; set; } = 4_000;

    /// <summary>The number of batches that are in use or not yet collected.</summary>
    public int LiveCount => Volatile.Read(ref liveCount);

    /// <summary>Whether another batch may be compiled.</summary>
    public bool HasRoom => LiveCount < BatchesMax;

    /// <param name="target">Lives as long as the code of a batch.</param>
    public void Add(object target) => uses.Add(target, new Use(this));

    private sealed class Use
    {
        private readonly CodeCache cache;

        public Use(CodeCache cache)
        {
            this.cache = cache;
            Interlocked.Increment(ref cache.liveCount);
            GC.AddMemoryPressure(BytesPerBatch);
        }

        ~Use()
        {
            Interlocked.Decrement(ref cache.liveCount);
            GC.RemoveMemoryPressure(BytesPerBatch);
        }
    }
}

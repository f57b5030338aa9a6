using System.Reflection;

namespace Pallas.Fuzz;

/// <summary>A value that was read breaks a promise of its reader.</summary>
public sealed class PropertyFailure(string message) : Exception(message);

/// <summary>
/// One reader under test: how its inputs are made, how it is called, and what must hold for what
/// it returns. One instance serves one thread.
/// </summary>
public abstract class FuzzTarget(string name)
{
    private byte[][]? corpus;

    public string Name { get; } = name;

    /// <summary>The time that one input may take, beside that for its length.</summary>
    public virtual int TimeBaseMs => 1000;

    /// <summary>The bytes that one input may allocate, beside those for its length.</summary>
    public virtual long AllocationBaseBytes => 64L << 20;

    /// <summary>
    /// Nothing else runs in this process, so the allocations of every thread count. Otherwise only
    /// those of the reading thread count, because the others may belong to other work.
    /// </summary>
    public bool IsAlone { get; set; }

    /// <summary>Measures how long an input takes.</summary>
    public virtual TimeProvider Clock => TimeProvider.System;

    /// <summary>Inputs written by hand or by chance that once meant something.</summary>
    public IReadOnlyList<byte[]> Corpus => corpus ??= LoadCorpus();

    /// <summary>An input that the reader takes, most of the time.</summary>
    public abstract byte[] Make(RandomStream random);

    /// <summary>Reads; returns null for an error. This is what is measured.</summary>
    public abstract object? Read(byte[] input);

    /// <summary>Checks the properties of a value that was read.</summary>
    /// <exception cref="PropertyFailure">It does not.</exception>
    public virtual void Check(object value, byte[] input)
    {
    }

    public virtual byte[] Mutate(byte[] input, byte[] other, RandomStream random) =>
        ByteMutator.Mutate(input, other, random);

    /// <summary>The input of a stream: made or from the corpus, then damaged some times.</summary>
    public byte[] Input(RandomStream random)
    {
        var input = Base(random);
        if (random.OneIn(5))
            return input;
        for (var times = random.Skewed(8); times >= 0; times--)
            input = Mutate(input, Base(random), random);
        return input;
    }

    private byte[] Base(RandomStream random) =>
        Corpus.Count > 0 && random.OneIn(4) ? random.Pick(Corpus) : Make(random);

    private byte[][] LoadCorpus()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var inputs = new List<byte[]>();
        foreach (var resource in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (!resource.Replace('\\', '/').StartsWith(Name + "/", StringComparison.Ordinal))
                continue;
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var input = new byte[stream.Length];
            stream.ReadExactly(input);
            inputs.Add(input);
        }
        return [.. inputs];
    }
}

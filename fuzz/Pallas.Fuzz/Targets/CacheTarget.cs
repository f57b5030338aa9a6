using Pallas.Formats.Pins;
using Pallas.Store.Pins;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Fuzz;

/// <summary>
/// Entries of the module cache. An input is one damaged file, or three forged ones, the checksums
/// of which are right: it counts as missing, or is the value that it says.
/// </summary>
/// <remarks>The first byte says which; then come the files, parted by <see cref="Part"/>.</remarks>
public sealed class CacheTarget : FuzzTarget, IDisposable
{
    private const int EntriesCount = 3;

    private static readonly byte[] Magic = "PALSIRE1"u8.ToArray();
    private static readonly byte[] Part = "<part>"u8.ToArray();

    private readonly string folder;
    private readonly Hash256[] keys = [.. Enumerable.Range(0, EntriesCount)
        .Select(i => Blake3.Hash([(byte)i]))];

    public CacheTarget()
        : base("module-cache")
    {
        // In memory, where the system offers that: a disk makes this ten times as slow.
        var parent = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        folder = Path.Combine(parent, $"pallas-fuzz-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    public override byte[] Make(RandomStream random)
    {
        var input = new List<byte> { (byte)random.Below(3) };
        for (var i = 0; i < EntriesCount; i++)
        {
            if (i > 0)
                input.AddRange(Part);
            input.AddRange(Body(random, i));
        }
        return [.. input];
    }

    public override object? Read(byte[] input)
    {
        WriteFiles(input);
        return new PinFiles(folder).Load(keys[0]);
    }

    /// <summary>The part of an entry between its mark and its checksum.</summary>
    private byte[] Body(RandomStream random, int index)
    {
        using var body = new MemoryStream();
        var bases = keys.Where((_, i) => random.OneIn(i > index ? 3 : 12)).ToArray();
        body.Write(BitConverter.GetBytes(bases.Length));
        foreach (var entry in bases)
            body.Write(entry.ToBytes());
        var pin = Pin.Make(ValueMaker.Make(random));
        var pins = pin.Refs.Append(pin).ToArray();
        body.Write(BitConverter.GetBytes(pins.Length));
        foreach (var one in pins)
        {
            var blob = random.OneIn(3) ? SeedOnly(random) : PinBlob.Write(one);
            body.Write(one.Hash.ToBytes());
            body.Write(BitConverter.GetBytes(blob.Length));
            body.Write(blob);
        }
        return body.ToArray();
    }

    private static byte[] SeedOnly(RandomStream random) =>
        [.. new byte[8], .. SeedMaker.Make(random)];

    private void WriteFiles(byte[] input)
    {
        var rest = input.AsSpan(Math.Min(1, input.Length));
        var isForged = input.Length > 0 && input[0] > 0;
        foreach (var key in keys)
        {
            var end = rest.IndexOf(Part);
            var body = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + Part.Length)..];
            byte[] marked = [.. Magic, .. body];
            File.WriteAllBytes(
                Path.Combine(folder, key + ".module"),
                isForged ? [.. marked, .. Blake3.Hash(marked).ToBytes()] : body.ToArray());
        }
    }
}

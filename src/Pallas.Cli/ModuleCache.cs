using System.Buffers.Binary;
using Pallas.Plan;
using Pallas.Sire;

namespace Pallas.Cli;

/// <summary>
/// Keeps what Sire modules came to in files named by their keys.
/// </summary>
/// <remarks>
/// An entry holds the pins that no entry before it holds, and names those entries: a chain of
/// modules is stored once. Entries are written beside and renamed, so two writers do not harm
/// each other, and end in a hash of all that is before it: one that is damaged, or that names an
/// entry which is gone, counts as missing and is made anew. The folder is held below
/// <see cref="BytesMax"/> by deleting the entries that were written longest ago.
/// </remarks>
internal sealed class ModuleCache(string folder) : IModuleCache
{
    private const long BytesMax = 512L << 20;
    private static readonly byte[] Magic = "PALSIRE1"u8.ToArray();

    private readonly Dictionary<Hash256, (Pin Pin, Hash256 Entry)> known = [];
    private readonly Dictionary<Hash256, Pin> entries = [];
    private readonly HashSet<Hash256> underWay = [];

    public string Folder => folder;

    public Value? Load(Hash256 key) => LoadEntry(key)?.Item;

    public void Save(Hash256 key, Value value)
    {
        var top = Pin.Make(value);
        var bases = new HashSet<Hash256>();
        var fresh = new List<Pin>();
        Collect(top, bases, fresh);
        using var stream = new MemoryStream();
        stream.Write(Magic);
        WriteCount(stream, bases.Count);
        foreach (var entry in bases)
            stream.Write(entry.ToBytes());
        WriteCount(stream, fresh.Count);
        foreach (var pin in fresh)
        {
            var blob = PinBlob.Write(pin);
            stream.Write(pin.Hash.ToBytes());
            WriteCount(stream, blob.Length);
            stream.Write(blob);
        }
        var body = stream.ToArray();
        if (!TryWrite(PathOf(key), body))
            return;
        foreach (var pin in fresh)
            known[pin.Hash] = (pin, key);
        entries[key] = top;
        Prune();
    }

    /// <summary>Deletes all entries; returns how many there were.</summary>
    public int Clear()
    {
        var files = Files();
        foreach (var file in files)
            file.Delete();
        return files.Length;
    }

    private FileInfo[] Files() => Directory.Exists(folder)
        ? new DirectoryInfo(folder).GetFiles("*.module")
        : [];

    private string PathOf(Hash256 key) => Path.Combine(folder, key + ".module");

    /// <summary>New pins, those that others refer to first; and the entries of known ones.
    /// </summary>
    private void Collect(Pin top, HashSet<Hash256> bases, List<Pin> fresh)
    {
        var seen = new HashSet<Hash256>();
        var path = new Stack<(Pin Pin, int Next)>();
        path.Push((top, 0));
        while (path.TryPop(out var step))
        {
            var (pin, next) = step;
            if (next == 0 && !seen.Add(pin.Hash))
                continue;
            if (next == 0 && known.TryGetValue(pin.Hash, out var held))
            {
                bases.Add(held.Entry);
                continue;
            }
            if (next == pin.Refs.Count)
            {
                fresh.Add(pin);
                continue;
            }
            path.Push((pin, next + 1));
            if (!seen.Contains(pin.Refs[next].Hash))
                path.Push((pin.Refs[next], 0));
        }
    }

    private Pin? LoadEntry(Hash256 key)
    {
        if (entries.TryGetValue(key, out var entry))
            return entry;
        if (!StackGuard.HasRoom)
            return StackGuard.OnFreshStack(() => LoadEntry(key));
        // An entry that stands on itself is none.
        if (!underWay.Add(key))
            return null;
        var top = ReadChecked(PathOf(key)) is { } body ? Decode(body, key) : null;
        underWay.Remove(key);
        if (top is not null)
            entries[key] = top;
        return top;
    }

    private Pin? Decode(ReadOnlySpan<byte> body, Hash256 key)
    {
        body = body[Magic.Length..];
        if (!TakeCount(ref body, out var count))
            return null;
        for (; count > 0; count--)
        {
            if (!TakeHash(ref body, out var entry) || LoadEntry(entry) is null)
                return null;
        }
        Pin? last = null;
        if (!TakeCount(ref body, out count))
            return null;
        for (; count > 0; count--)
        {
            if (!TakeHash(ref body, out var hash) || !TakeCount(ref body, out var length)
                || length > body.Length
                || !PinBlob.TryRead(body[..length], Find, out var item, out _, trusted: true))
                return null;
            body = body[length..];
            last = known.TryGetValue(hash, out var held) ? held.Pin : Pin.Make(item, hash);
            known.TryAdd(hash, (last, key));
        }
        return last;
    }

    private Pin? Find(Hash256 hash) => known.TryGetValue(hash, out var held) ? held.Pin : null;

    /// <summary>The body of an entry, or null if it is missing or damaged.</summary>
    private static byte[]? ReadChecked(string path)
    {
        try
        {
            if (!File.Exists(path))
                return null;
            var bytes = File.ReadAllBytes(path);
            var length = bytes.Length - Hash256.BytesCount;
            return length > Magic.Length
                && bytes.AsSpan(0, Magic.Length).SequenceEqual(Magic)
                && Blake3.Hash(bytes.AsSpan(0, length))
                    == Hash256.FromBytes(bytes.AsSpan(length))
                ? bytes[..length]
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A cache that cannot be written is no reason to fail.</summary>
    private bool TryWrite(string path, byte[] body)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var beside = Path.Combine(folder, Guid.NewGuid().ToString("N") + ".tmp");
            using (var file = File.Create(beside))
            {
                file.Write(body);
                file.Write(Blake3.Hash(body).ToBytes());
            }
            File.Move(beside, path, overwrite: true);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void Prune()
    {
        var files = Files();
        var excess = files.Sum(file => file.Length) - BytesMax;
        foreach (var file in files.OrderBy(file => file.LastWriteTimeUtc))
        {
            if (excess <= 0)
                return;
            excess -= file.Length;
            file.Delete();
        }
    }

    private static void WriteCount(Stream stream, int count)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, count);
        stream.Write(bytes);
    }

    /// <summary>False where the body ends too soon, or the count is negative.</summary>
    private static bool TakeCount(ref ReadOnlySpan<byte> body, out int count)
    {
        if (!BinaryPrimitives.TryReadInt32LittleEndian(body, out count) || count < 0)
            return false;
        body = body[4..];
        return true;
    }

    private static bool TakeHash(ref ReadOnlySpan<byte> body, out Hash256 hash)
    {
        hash = default;
        if (body.Length < Hash256.BytesCount)
            return false;
        hash = Hash256.FromBytes(body);
        body = body[Hash256.BytesCount..];
        return true;
    }
}

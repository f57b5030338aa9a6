using System.Buffers.Binary;
using Pallas.Formats.Pins;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Store.Pins;

/// <summary>A folder of values in files named by keys. It may lose any of them.</summary>
/// <remarks>
/// An entry holds the pins that no earlier entry holds, and the keys of the entries with the other
/// pins: a chain of modules is stored once. An entry is written to another file and renamed, so two
/// writers do no harm. It ends in a hash of all its bytes. An entry that is damaged, or that names
/// a missing entry, counts as missing and is made again. The folder stays below
/// <see cref="BytesMax"/>: the entries that were written first are deleted first.
/// </remarks>
public sealed class PinFiles(string folder)
{
    private const long BytesMax = 512L << 20;
    private static readonly byte[] Magic = "PALSIRE1"u8.ToArray();

    private readonly Dictionary<Hash256, (Pin Pin, Hash256 Entry)> known = [];
    private readonly Dictionary<Hash256, Pin> loaded = [];
    private readonly HashSet<Hash256> loading = [];

    public string Folder => folder;

    public Value? Load(Hash256 key) => LoadEntry(key)?.Item;

    public void Save(Hash256 key, Value value)
    {
        var top = Pin.Make(value);
        var bases = new HashSet<Hash256>();
        var fresh = PinOrder.Missing([top], pin =>
        {
            var isKnown = known.TryGetValue(pin.Hash, out var held);
            if (isKnown)
                bases.Add(held.Entry);
            return isKnown;
        });
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(bases.Count);
        foreach (var entry in bases)
            writer.Write(entry.ToBytes());
        writer.Write(fresh.Count);
        foreach (var pin in fresh)
        {
            var blob = PinBlob.Write(pin);
            writer.Write(pin.Hash.ToBytes());
            writer.Write(blob.Length);
            writer.Write(blob);
        }
        writer.Flush();
        var body = stream.ToArray();
        if (!TryWrite(PathOf(key), body))
            return;
        foreach (var pin in fresh)
            known[pin.Hash] = (pin, key);
        loaded[key] = top;
        Prune();
    }

    /// <summary>Deletes all entries, and returns their number.</summary>
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

    private Pin? LoadEntry(Hash256 key)
    {
        if (loaded.TryGetValue(key, out var entry))
            return entry;
        if (!StackGuard.HasRoom)
            return StackGuard.OnFreshStack(() => LoadEntry(key));
        // An entry that refers to itself is damaged.
        if (!loading.Add(key))
            return null;
        var top = ReadChecked(PathOf(key)) is { } body ? Decode(body, key) : null;
        loading.Remove(key);
        if (top is not null)
            loaded[key] = top;
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

    /// <summary>The body of an entry; null if it is missing or damaged.</summary>
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

    /// <summary>False if the folder cannot be written, which is not an error.</summary>
    private bool TryWrite(string path, byte[] body)
    {
        try
        {
            Directory.CreateDirectory(folder);
            // If processes in two containers share the name, the hash detects a mixed file.
            var partial = $"{path}.{Environment.ProcessId}.tmp";
            using (var file = File.Create(partial))
            {
                file.Write(body);
                file.Write(Blake3.Hash(body).ToBytes());
            }
            File.Move(partial, path, overwrite: true);
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

    /// <summary>False if the body ends too soon, or the count is negative.</summary>
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

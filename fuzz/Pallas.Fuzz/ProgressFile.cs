using System.IO.MemoryMappedFiles;
using System.Text;

namespace Pallas.Fuzz;

/// <summary>
/// Which input is being read, in a file that outlives the process: a stack overflow leaves no time
/// to say anything.
/// </summary>
public sealed class ProgressFile : IDisposable
{
    private const int NameMax = 64;
    private const int SeedAt = NameMax;
    private const int IndexAt = SeedAt + sizeof(ulong);
    private const int Length = IndexAt + sizeof(long);

    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;

    public ProgressFile(string path)
    {
        file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, Length);
        view = file.CreateViewAccessor();
    }

    /// <summary>The input that a run ended in without finishing, or null.</summary>
    public (string Target, ulong Seed, long Index)? Unfinished
    {
        get
        {
            var name = new byte[NameMax];
            view.ReadArray(0, name, 0, NameMax);
            var target = Encoding.ASCII.GetString(name).TrimEnd('\0');
            return target.Length == 0
                ? null
                : (target, view.ReadUInt64(SeedAt), view.ReadInt64(IndexAt));
        }
    }

    public void Begin(string target, ulong seed)
    {
        var name = new byte[NameMax];
        Encoding.ASCII.GetBytes(target, name);
        view.Write(IndexAt, -1L);
        view.Write(SeedAt, seed);
        view.WriteArray(0, name, 0, NameMax);
    }

    public void At(long index) => view.Write(IndexAt, index);

    public void Finish() => view.WriteArray(0, new byte[NameMax], 0, NameMax);

    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
    }
}

using Pallas.Formats.Seeds;
using Pallas.Values;

namespace Pallas.Cli;

/// <summary>Seeds on disk.</summary>
internal static class SeedFile
{
    public static Value Read(string path)
    {
        UserFile.MustExist(path);
        return SeedReader.TryRead(File.ReadAllBytes(path), out var value, out var error)
            ? value
            : throw Failure.Mistake($"{path} is no seed: {error}{HintFor(path)}");
    }

    private static string HintFor(string path) => SireFile.IsMeantBy(path)
        ? $"\nhint: pallas save SEED {path} makes one of a Sire file"
        : "";

    /// <summary>Whole or not at all: written beside, then renamed.</summary>
    public static void Write(string path, Value value)
    {
        UserFile.MustBeWritable(path);
        WriteBytes(path, SeedWriter.Write(value));
    }

    public static void WriteBytes(string path, byte[] bytes)
    {
        var beside = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            File.WriteAllBytes(beside, bytes);
            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}

/// <summary>Says what is wrong with a path that the user gave.</summary>
internal static class UserFile
{
    public static void MustExist(string path)
    {
        if (Directory.Exists(path))
            throw Failure.Mistake($"{path} is a folder; a file is needed");
        if (!File.Exists(path))
            throw Failure.Mistake($"there is no file {path}");
    }

    /// <summary>Leaves what can only be known by writing to the one who writes.</summary>
    public static void MustBeWritable(string path)
    {
        if (Directory.Exists(path))
            throw Failure.Mistake($"{path} is a folder; the name of a file is needed");
        if (File.Exists(path) && SireFile.IsMeantBy(path))
            throw Failure.Mistake($"{path} is a Sire file, and is not written over");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (!Directory.Exists(folder))
            throw Failure.Mistake($"there is no folder {folder} to write {path} in");
    }
}

using Pallas.Cli.Render;
using Pallas.Formats.Seeds;
using Pallas.Values;

namespace Pallas.Cli.Run;

/// <summary>Seeds on disk.</summary>
internal static class SeedFile
{
    public static Value Read(string path)
    {
        UserFile.MustExist(path);
        return SeedReader.TryRead(File.ReadAllBytes(path), out var value, out var error)
            ? value
            : throw Failure.Mistake($"{path} is not a seed: {error}{HintFor(path)}");
    }

    private static string HintFor(string path) => SireFile.IsMeantBy(path)
        ? $"\nhint: pallas save SEED {path} makes a seed of a Sire file"
        : "";

    /// <summary>Writes a temporary file, then renames it: the whole seed or nothing.</summary>
    public static void Write(string path, Value value)
    {
        UserFile.MustBeWritable(path);
        WriteBytes(path, SeedWriter.Write(value));
    }

    public static void WriteBytes(string path, byte[] bytes)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}

using Pallas.Cli.Render;

namespace Pallas.Cli.Run;

/// <summary>Checks paths that the user gave.</summary>
internal static class UserFile
{
    public static void MustExist(string path)
    {
        if (Directory.Exists(path))
            throw Failure.Mistake($"{path} is a folder, not a file");
        if (!File.Exists(path))
            throw Failure.Mistake($"there is no file {path}");
    }

    /// <summary>The write itself reports missing permissions.</summary>
    public static void MustBeWritable(string path)
    {
        if (Directory.Exists(path))
            throw Failure.Mistake($"cannot write {path}: it is a folder");
        if (File.Exists(path) && SireFile.IsMeantBy(path))
        {
            throw Failure.Mistake(
                $"cannot write {path}: it is a Sire file\n"
                + "hint: choose another name for the output");
        }
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (!Directory.Exists(folder))
            throw Failure.Mistake($"cannot write {path}: there is no folder {folder}");
    }
}

using Pallas.Sire.Docs;

namespace Pallas.Tests.Library;

/// <summary>The documentation in the sources of the library.</summary>
public static class DocumentedLibrary
{
    public static DocIndex Index { get; } = new(
        LibraryFolders.Files.Select(file => DocReader.Read(File.ReadAllText(file))!));

    /// <summary>The file of a module, relative to the pages of the reference.</summary>
    public static string SourceOf(ModuleDoc module)
    {
        var file = LibraryFolders.Files.Single(
            file => Path.GetFileNameWithoutExtension(file) == module.Name);
        return "../../../" + Path.GetRelativePath(Golden.Root, file).Replace('\\', '/');
    }
}

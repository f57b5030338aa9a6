namespace Pallas.Sire.Modules;

/// <summary>A source of modules: folders, the library, a table in a test.</summary>
public interface IModuleSource
{
    /// <summary>Null when there is no module of that name.</summary>
    ModuleFile? Find(string module);
}

/// <summary>The source text of a module.</summary>
/// <param name="Path">The file as messages name it.</param>
/// <param name="Bytes">UTF-8; the chain hash covers them.</param>
public sealed record ModuleFile(string Path, ReadOnlyMemory<byte> Bytes);

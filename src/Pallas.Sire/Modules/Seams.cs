using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Sire;

/// <summary>Where modules come from: folders, the library, a table in a test.</summary>
public interface IModuleSource
{
    /// <summary>Null when there is no module of that name.</summary>
    ModuleFile? Find(string module);
}

/// <summary>The source of a module.</summary>
/// <param name="Path">The file as it is to be named in messages.</param>
/// <param name="Bytes">UTF-8; they are what the chain hash covers.</param>
public sealed record ModuleFile(string Path, ReadOnlyMemory<byte> Bytes);

/// <summary>Keeps what modules came to, by a hash of all that they were made of. A cache may lose
/// anything at any time; what it returns must be what was saved.</summary>
public interface IModuleCache
{
    /// <summary>Null when nothing is kept under the key.</summary>
    Value? Load(Hash256 key);

    /// <param name="value">In normal form. Much of it is pins that other entries hold too.</param>
    void Save(Hash256 key, Value value);
}

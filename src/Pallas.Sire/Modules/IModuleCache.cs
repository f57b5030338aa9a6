using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Sire.Modules;

/// <summary>Stores loaded modules by a hash of everything that they were made of. A cache may lose
/// an entry at any time, and never returns another value than the one saved.</summary>
public interface IModuleCache
{
    /// <summary>Null when the cache has no entry for the key.</summary>
    Value? Load(Hash256 key);

    /// <param name="value">In normal form. Most of it is pins that other entries share.</param>
    void Save(Hash256 key, Value value);
}

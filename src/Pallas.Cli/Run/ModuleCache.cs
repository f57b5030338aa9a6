using Pallas.Sire.Modules;
using Pallas.Store.Pins;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Cli.Run;

/// <summary>The cache of loaded Sire modules: a folder of pins, by module key.</summary>
internal sealed class ModuleCache(PinFiles files) : IModuleCache
{
    public Value? Load(Hash256 key) => files.Load(key);

    public void Save(Hash256 key, Value value) => files.Save(key, value);
}

using System.CommandLine;
using Pallas.Cli.Run;
using Pallas.Store.Pins;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas cache</c>: manages the cache of loaded Sire modules.</summary>
internal static class CacheCommand
{
    public static Command Create()
    {
        var clear = new Command("clear", "Delete the cache; loading fills it again.");
        clear.SetAction(_ =>
        {
            var cache = new PinFiles(Folders.Cache);
            Console.WriteLine($"deleted {cache.Clear()} entries from {cache.Folder}");
        });
        var where = new Command("path", "Print the folder of the cache.");
        where.SetAction(_ => Console.WriteLine(Folders.Cache));
        return new Command("cache", "Manage the cache of loaded Sire modules.") { clear, where };
    }
}

using System.CommandLine;
using Pallas.Store.Pins;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas cache</c>: what is kept of Sire modules that were loaded.</summary>
internal static class CacheCommand
{
    public static Command Create()
    {
        var clear = new Command("clear", "Delete what is kept; it is made anew when needed.");
        clear.SetAction(_ =>
        {
            var cache = new PinFiles(Folders.Cache);
            Console.WriteLine($"deleted {cache.Clear()} entries from {cache.Folder}");
        });
        var where = new Command("path", "Print the folder that it is kept in.");
        where.SetAction(_ => Console.WriteLine(Folders.Cache));
        return new Command("cache", "Manage the cache of loaded Sire modules.") { clear, where };
    }
}

using System.CommandLine;

namespace Pallas.Cli;

/// <summary>What many commands take, said the same everywhere.</summary>
internal static class Operands
{
    /// <summary>A machine that is there.</summary>
    public static Argument<string> Store() =>
        new("STORE") { Description = "The machine's folder." };

    /// <summary>A machine to make.</summary>
    public static Argument<string> NewStore(string name = "STORE") => new(name)
    {
        Description = "The folder to make the machine in; it must not hold one.",
    };

    public static Argument<string> Program() =>
        new("FILE") { Description = "A Sire file with a main, or a seed." };

    public static Option<bool> Json() =>
        new("--json") { Description = "Print JSON, for tools." };
}

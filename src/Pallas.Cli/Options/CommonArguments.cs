using System.CommandLine;
using System.Globalization;
using Pallas.Cli.Render;
using Pallas.Machine;

namespace Pallas.Cli.Options;

/// <summary>Arguments that many commands share.</summary>
internal static class CommonArguments
{
    /// <summary>An existing machine.</summary>
    public static Argument<string> Store() =>
        new("STORE") { Description = "The machine's folder." };

    /// <summary>A machine to make.</summary>
    public static Argument<string> NewStore(string name = "STORE") => new(name)
    {
        Description = "The folder to make the machine in; it must not hold one.",
    };

    public static Argument<string> Program() =>
        new("FILE") { Description = "A Sire file with a main, or a seed." };

    /// <exception cref="Failure">The text is not a number.</exception>
    public static CogId ReadCog(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new CogId(number)
            : throw Failure.Mistake(
                $"{text} is not the number of a cog\nhint: pallas status STORE lists the cogs");

    public static Option<bool> Json() =>
        new("--json") { Description = "Print JSON, for tools." };
}

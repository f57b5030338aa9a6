using System.Text.RegularExpressions;
using Pallas.Cli.Commands;
using Pallas.Cli.Options;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>The page of the command line has every command and every option.</summary>
public sealed class CommandLinePageTests
{
    private static readonly string Page =
        File.ReadAllText(Path.Combine(Golden.Root, "docs", "guide", "command-line.md"));

    [Fact]
    public void Every_command_and_every_option_is_there()
    {
        var context = new CommandContext(CommandTable.Queries);
        foreach (var row in CommandTable.Rows)
        {
            var command = row.Create(context);
            Assert.Equal(row.Name, command.Name);
            Assert.Contains($"`pallas {command.Name}", Page);
            foreach (var option in command.Options.Concat(
                command.Subcommands.SelectMany(sub => sub.Options)))
                Assert.True(
                    Regex.IsMatch(Page, $@"{Regex.Escape(option.Name)}(?![\w-])"),
                    $"pallas {command.Name} {option.Name} is not there");
        }
    }
}

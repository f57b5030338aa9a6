using System.CommandLine;
using System.Reflection;
using System.Text.RegularExpressions;
using Pallas.Cli.Commands;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>The page of the command line has every command and every option.</summary>
public sealed class CommandLinePageTests
{
    private static readonly string Page =
        File.ReadAllText(Path.Combine(Golden.Root, "docs", "guide", "command-line.md"));

    private static Command[] AllCommands =>
    [
        .. typeof(BootCommand).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(BootCommand).Namespace)
            .Select(type => type.GetMethod(
                "Create", BindingFlags.Static | BindingFlags.Public, Type.EmptyTypes))
            .OfType<MethodInfo>()
            .Where(create => create.ReturnType == typeof(Command))
            .Select(create => (Command)create.Invoke(null, null)!),
    ];

    [Fact]
    public void Every_command_and_every_option_is_there()
    {
        var commands = AllCommands;
        Assert.True(commands.Length > 20);
        foreach (var command in commands)
        {
            Assert.Contains($"`pallas {command.Name}", Page);
            foreach (var option in command.Options.Concat(
                command.Subcommands.SelectMany(sub => sub.Options)))
                Assert.True(
                    Regex.IsMatch(Page, $@"{Regex.Escape(option.Name)}(?![\w-])"),
                    $"pallas {command.Name} {option.Name} is not there");
        }
    }
}

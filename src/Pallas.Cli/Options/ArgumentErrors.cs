using System.CommandLine;
using System.CommandLine.Parsing;
using Pallas.Cli.Render;
using Pallas.Sire.Errors;

namespace Pallas.Cli.Options;

/// <summary>Parses the arguments of the program; the first error becomes one message.</summary>
internal static class ArgumentErrors
{
    public static ParseResult Parse(RootCommand root, string[] args)
    {
        var parsed = root.Parse(JetOptionSet.ExpandNoJets(args));
        if (parsed.Tokens.Any(IsHelp))
            return parsed;
        if (parsed.Errors.Count == 0)
            return Checked(parsed);
        throw Failure.Mistake($"{Explain(parsed)}\nhint: {Advice(parsed)}");
    }

    /// <summary>The parser takes an unknown option for a file if the command takes files.</summary>
    private static ParseResult Checked(ParseResult parsed)
    {
        var empty = parsed.CommandResult.Children.OfType<ArgumentResult>()
            .FirstOrDefault(argument => argument.Tokens.Any(token => token.Value.Length == 0));
        if (empty is not null)
            throw Failure.Mistake($"{empty.Argument.Name} cannot be empty\nhint: {Advice(parsed)}");
        return Stray(parsed) is not { } stray
            ? parsed
            : throw Failure.Mistake(
                $"{CommandOf(parsed)} has no option {stray.Value}"
                + $"{SimilarOption(parsed, stray.Value)}\nhint: {Advice(parsed)}");
    }

    private static Token? Stray(ParseResult parsed) =>
        parsed.CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens)
            .FirstOrDefault(token => IsOption(token.Value));

    private static string Explain(ParseResult parsed)
    {
        var command = CommandOf(parsed);
        var option = Stray(parsed)?.Value ?? parsed.UnmatchedTokens.FirstOrDefault(IsOption);
        if (option is not null)
            return $"{command} has no option {option}{SimilarOption(parsed, option)}";
        if (parsed.UnmatchedTokens is [var word, ..])
        {
            return parsed.CommandResult.Command.Subcommands.Count > 0
                ? $"{command} has no command {word}{Similar(parsed, word)}"
                : $"{command} does not expect the argument {word}";
        }
        if (parsed.CommandResult.Command.Subcommands.Count > 0)
            return $"{command} needs a command";
        var missing = parsed.CommandResult.Children.OfType<ArgumentResult>()
            .Where(each => each.Tokens.Count < each.Argument.Arity.MinimumNumberOfValues)
            .Select(argument => argument.Argument.Name)
            .ToArray();
        return missing.Length > 0
            ? $"{command} needs {string.Join(" and ", missing)}"
            : Strange(parsed) ?? parsed.Errors[0].Message;
    }

    /// <summary>An option whose value is missing or of the wrong kind.</summary>
    private static string? Strange(ParseResult parsed)
    {
        if (parsed.Errors[0].SymbolResult is not { } result)
            return null;
        var option = result as OptionResult ?? result.Parent as OptionResult;
        return option is null ? null
            : option.Tokens is [var token, ..] ? $"{option.Option.Name} cannot be {token.Value}"
            : $"{option.Option.Name} needs a value";
    }

    private static string Similar(ParseResult parsed, string word)
    {
        var close = parsed.CommandResult.Command.Subcommands
            .Select(command => command.Name)
            .Where(name => name[0] == word[0])
            .ToArray();
        return close.Length == 0 ? "" : $"; did you mean {string.Join(" or ", close)}?";
    }

    /// <summary>The option that is nearest to a word.</summary>
    private static string SimilarOption(ParseResult parsed, string word)
    {
        var near = new Nearest(word.Split('=')[0]);
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult command; at = at.Parent)
        {
            foreach (var option in command.Command.Options)
                near.Offer(option.Name);
        }
        return near.Hint is { } hint ? $"; {hint}" : "";
    }

    private static string Advice(ParseResult parsed) =>
        $"{CommandOf(parsed)} --help lists the commands and options";

    /// <summary>The command as the user typed it, with its parents.</summary>
    private static string CommandOf(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult command; at = at.Parent)
            names.Push(command.Command is RootCommand ? "pallas" : command.Command.Name);
        return string.Join(' ', names);
    }

    private static bool IsHelp(Token token) => token.Value is "--help" or "-h" or "-?";

    private static bool IsOption(string text) => text.Length > 1 && text[0] == '-';
}

namespace Pallas.Cli.Options;

/// <summary>What happens if an evaluation cannot use a jet.</summary>
internal enum JetPolicy
{
    Ignore,
    Warn,
    Crash,
}

namespace Pallas.Cli.Options;

/// <summary>The action if an evaluation cannot use a jet.</summary>
internal enum JetPolicy
{
    Ignore,
    Warn,
    Crash,
}

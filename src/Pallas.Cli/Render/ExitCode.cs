namespace Pallas.Cli.Render;

/// <summary>The exit codes of the program.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int UserMistake = 1;
    public const int ProgramCrash = 2;
    public const int MachineFault = 3;
}

namespace Pallas.Cli.Run;

/// <summary>How the user ended a line at a terminal.</summary>
internal enum LineEnd
{
    /// <summary>Enter: the line is complete.</summary>
    Entered,

    /// <summary>Ctrl-C: drops the line and the block that it continues.</summary>
    Cancelled,

    /// <summary>Ctrl-D on an empty line.</summary>
    Closed,
}

namespace Pallas.Cli.Control;

internal enum ControlFrameKind : byte
{
    /// <summary>The query, as JSON.</summary>
    Query,

    /// <summary>A part of the answer.</summary>
    Output,

    /// <summary>A message on standard error.</summary>
    Error,

    /// <summary>The end, with the exit code in four bytes.</summary>
    Exit,
}

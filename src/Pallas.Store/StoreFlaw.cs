namespace Pallas.Store;

/// <summary>
/// A check that is left out, to see that the simulator notices: no program can choose one.
/// </summary>
internal enum StoreFlaw
{
    None,

    /// <summary>What is read is believed, whatever its hash says.</summary>
    ChecksumsIgnored,

    /// <summary>A part of a snapshot that is missing is taken for 0.</summary>
    MissingChunksAccepted,

    /// <summary>What only records of the log stand on is collected.</summary>
    LogNotMarked,
}

namespace Pallas.Formats.Chunks;

/// <summary>
/// The codes of a chunk: a program for a stack that builds a value in normal form.
/// </summary>
/// <remarks>
/// A chunk is the byte <see cref="Version"/> and a program that leaves one thing on the stack: a
/// value, or a node of the tree that a long row, set or tab is. Numbers are written seven bits to
/// a byte, lowest first. A code of 128 and more pushes the nat that is left without its top bit.
/// Parts of a value that are chunks of their own stand there as their hash, so a chunk is small,
/// and two values have in common all that did not change from one to the other.
/// </remarks>
internal static class ChunkCode
{
    public const byte Version = 1;
    public const byte ShortNat = 0x80;

    /// <summary>A number, the nat.</summary>
    public const byte Nat = 0;

    /// <summary>The number of bytes, the nat's bytes from the lowest on.</summary>
    public const byte BigNat = 1;

    /// <summary>The number of bytes, the bytes.</summary>
    public const byte Bar = 2;

    /// <summary>The hash of a pin.</summary>
    public const byte Pin = 3;

    /// <summary>Takes name, number of arguments, body.</summary>
    public const byte Law = 4;

    /// <summary>A number; takes the head and so many arguments.</summary>
    public const byte App = 5;

    /// <summary>A number; takes so many items.</summary>
    public const byte Row = 6;

    /// <summary>Takes the size.</summary>
    public const byte Cow = 7;

    /// <summary>A number; takes so many keys.</summary>
    public const byte Set = 8;

    /// <summary>A number; takes the set of keys, so many values.</summary>
    public const byte Tab = 9;

    /// <summary>A number; takes so many items.</summary>
    public const byte Leaf = 10;

    /// <summary>A number; takes so many nodes.</summary>
    public const byte Branch = 11;

    /// <summary>Takes a node.</summary>
    public const byte LongRow = 12;

    /// <summary>Takes a node.</summary>
    public const byte LongSet = 13;

    /// <summary>Takes the set of keys, a node.</summary>
    public const byte LongTab = 14;

    /// <summary>The hash of the chunk of a value.</summary>
    public const byte ValueChunk = 15;

    /// <summary>The hash of the chunk of a node, the number of items below, the height.</summary>
    public const byte NodeChunk = 16;
}

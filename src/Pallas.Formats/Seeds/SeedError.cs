namespace Pallas.Formats.Seeds;

/// <summary>Why bytes are not a seed, germ, blob or pod, for people.</summary>
/// <param name="Offset">The byte where it shows, from the start of what was read.</param>
public sealed record SeedError(int Offset, string Message)
{
    public override string ToString() => $"{Message} (at byte {Offset})";
}

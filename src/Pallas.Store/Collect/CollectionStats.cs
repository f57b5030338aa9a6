namespace Pallas.Store.Collect;

/// <summary>The result of a collection; decides when the next one is due.</summary>
/// <param name="Bytes">The size of pins and chunks after it.</param>
/// <param name="FullGcCount">How many full collections .NET had made when it began.</param>
/// <param name="FullGcWait">After this number of further ones, all that only objects in memory
/// refer to may be garbage.</param>
internal sealed record CollectionStats(long Bytes, int FullGcCount, int FullGcWait);

namespace Pallas.Store.Collect;

/// <summary>What a collection left behind; decides when the next one is due.</summary>
/// <param name="Bytes">Stored bytes after it, with those that only memory refers to.</param>
/// <param name="RoundsCount">How many full collections of memory .NET had made.</param>
/// <param name="RoundsWait">After this number of further ones, what only memory refers to may be
/// garbage.</param>
internal sealed record CollectionStats(long Bytes, int RoundsCount, int RoundsWait);

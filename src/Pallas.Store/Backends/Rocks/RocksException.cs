namespace Pallas.Store.Backends.Rocks;

/// <summary>What RocksDB says is wrong, in its own words.</summary>
internal sealed class RocksException(string message) : Exception(message);

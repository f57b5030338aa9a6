namespace Pallas.Store.Backends.Rocks;

/// <summary>An error of RocksDB, with its own message.</summary>
internal sealed class RocksException(string message) : Exception(message);

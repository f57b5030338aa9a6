using System.Diagnostics.CodeAnalysis;
using Pallas.Values;

namespace Pallas.Formats.Seeds;

/// <summary>
/// One pin by itself: the seed of its item, in which the pins it refers to are holes, numbered as
/// in <see cref="Pin.Refs"/>.
/// </summary>
public static class Germ
{
    public static byte[] Write(Pin pin) =>
        SeedWriter.Write(pin.Item, (ReadOnlySpan<Pin>)[.. pin.Refs]);

    /// <param name="holes">The pins that the holes stand for, in order.</param>
    /// <param name="item">What the pin holds.</param>
    /// <param name="trusted">As for <see cref="SeedReader"/>.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes, ReadOnlySpan<Pin> holes, [NotNullWhen(true)] out Value? item,
        [NotNullWhen(false)] out SeedError? error, bool trusted = false) =>
        SeedReader.TryRead(bytes, holes, trusted, out item, out error, out _);
}

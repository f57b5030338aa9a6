using System.Globalization;

namespace Pallas.Machine;

/// <summary>Names a cog within its machine; drawn at random when the cog is made.</summary>
public readonly record struct CogId(ulong Number) : IComparable<CogId>
{
    public int CompareTo(CogId other) => Number.CompareTo(other.Number);

    public override string ToString() => Number.ToString(CultureInfo.InvariantCulture);
}

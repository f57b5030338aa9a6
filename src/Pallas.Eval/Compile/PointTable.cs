namespace Pallas.Eval;

/// <summary>The resume points of a batch, by number. A constant of the batch's code.</summary>
internal sealed class PointTable
{
    public CompiledPoint[] Points = [];
}

namespace Pallas.Values;

/// <summary>
/// What a thunk holds until its value is known: the code of the suspended expression, or the state
/// of the evaluation that runs it. The evaluator derives the code; values know only the layout of
/// what is captured.
/// </summary>
/// <param name="count">The number of captured values.</param>
/// <param name="places">Where each captured value is; null where they are in the first fields, or
/// in an array where there are more than <see cref="Thunk.FieldsCount"/>.</param>
/// <param name="isState">Whether this is no code, but marks a thunk that is being evaluated, or
/// whose evaluation threw.</param>
internal abstract class Suspension(int count, int[]? places, bool isState)
{
    /// <summary>The places of a thunk that can hold a captured value. The last one and those after
    /// it are in an array.</summary>
    public const int PlaceA = 0;
    public const int PlaceB = 1;
    public const int PlaceW = 2;
    public const int PlaceV = 3;
    public const int PlaceArray = 4;

    public int Count { get; } = count;

    public int[]? Places { get; } = places;

    public bool IsState { get; } = isState;

    /// <summary>Of a state: the exception that ended the evaluations begun under it.</summary>
    public Exception? Fault { get; set; }
}

namespace Pallas.Values;

/// <summary>
/// Walks the parts of a value in the order that hashing and pin references share: a law's body;
/// an app's head, then its arguments; a row's items from the first; a set's keys ascending; a
/// tab's keys, then its values. Pins and bars are not entered.
///
/// The frame of a value is gone before its last part is met, so a list a million cells deep
/// needs no deeper stack than one of two.
/// </summary>
internal struct ValueWalk
{
    private Frame[] frames;
    private int depth;

    private struct Frame
    {
        public Value Value;
        public int Next;
        public int Count;
    }

    public ValueWalk() => frames = new Frame[16];

    /// <summary>The parts of this value come next.</summary>
    public void Enter(Value value)
    {
        var count = CountParts(value);
        if (count == 0)
            return;
        if (depth == frames.Length)
            Array.Resize(ref frames, 2 * depth);
        frames[depth++] = new Frame { Value = value, Count = count };
    }

    /// <summary>The next part, resolved; false when there is none left.</summary>
    public bool MoveNext(out Value part)
    {
        if (depth == 0)
        {
            part = Nat.Zero;
            return false;
        }

        ref var frame = ref frames[depth - 1];
        var value = frame.Value;
        var index = frame.Next++;
        if (frame.Next == frame.Count)
        {
            frame = default;
            depth--;
        }

        part = Part(value, index);
        return true;
    }

    private static int CountParts(Value value) => value switch
    {
        Law => 1,
        App app => app.Count + 1,
        Row row => row.Count,
        Set set => set.Count,
        Tab tab => 2 * tab.Count,
        _ => 0,
    };

    private static Value Part(Value value, int index) => value switch
    {
        Law law => law.Body,
        App app => index == 0 ? app.Head : app[index - 1],
        Row row => row[index],
        Set set => set[index].Resolved,
        Tab tab => index < tab.Count ? tab.KeyAt(index).Resolved : tab.ValueAt(index - tab.Count),
        _ => throw new InvalidOperationException("a value without parts was entered"),
    };
}

using System.Reflection.Emit;

namespace Pallas.Eval;

/// <summary>The locals of a method that are live after each of its calls.</summary>
/// <remarks>
/// Exact, by the usual fixpoint over basic blocks. A spilled frame that saved a dead local would
/// keep the head of a list alive while the rest of the method walks along the list.
/// </remarks>
internal sealed class Liveness
{
    private readonly CodeRecorder recorder;
    private readonly List<Block> blocks = [];
    private readonly int[] blockOfLabel;
    private readonly int setLength;

    private Liveness(CodeRecorder recorder)
    {
        this.recorder = recorder;
        blockOfLabel = new int[recorder.Labels.Count];
        setLength = (recorder.Locals.Count + 63) >> 6;
        Divide();
        while (Improve())
        {
        }
    }

    /// <summary>The locals that are live after each of the given stores, except the stored one.
    /// </summary>
    /// <param name="stores">Indexes of instructions, in order.</param>
    public static LocalBuilder[][] After(CodeRecorder recorder, IReadOnlyList<int> stores)
    {
        var liveness = new Liveness(recorder);
        var found = new LocalBuilder[stores.Count][];
        var next = stores.Count - 1;
        for (var i = liveness.blocks.Count - 1; i >= 0 && next >= 0; i--)
        {
            var block = liveness.blocks[i];
            if (stores[next] < block.Start)
                continue;
            var live = new ulong[liveness.setLength];
            liveness.JoinNext(i, live);
            for (var at = block.End - 1; at >= block.Start; at--)
            {
                var instruction = recorder.Code[at];
                if (next >= 0 && stores[next] == at)
                    found[next--] = liveness.Locals(live, (LocalBuilder)instruction.Operand!);
                Step(instruction, live);
            }
        }
        return found;
    }

    private void Divide()
    {
        var code = recorder.Code;
        var start = 0;
        for (var i = 0; i < code.Count; i++)
        {
            var instruction = code[i];
            if (instruction.Kind == OperandKind.Mark)
            {
                if (i > start)
                    AddBlock(start, i);
                start = Math.Max(start, i);
                blockOfLabel[((Label)instruction.Operand!).Id] = blocks.Count;
            }
            else if (instruction.IsEnd || instruction.IsJump)
            {
                AddBlock(start, i + 1);
                start = i + 1;
            }
        }
        if (start < code.Count)
            AddBlock(start, code.Count);
    }

    private void AddBlock(int start, int end)
    {
        var block = new Block(
            start, end, new ulong[setLength], new ulong[setLength], new ulong[setLength]);
        for (var at = end - 1; at >= start; at--)
        {
            var instruction = recorder.Code[at];
            Step(instruction, block.Reads);
            if (instruction is { Kind: OperandKind.Local, IsLoad: false })
                Add(block.Writes, ((LocalBuilder)instruction.Operand!).LocalIndex);
        }
        blocks.Add(block);
    }

    private bool Improve()
    {
        var isMore = false;
        var live = new ulong[setLength];
        for (var i = blocks.Count - 1; i >= 0; i--)
        {
            var block = blocks[i];
            Array.Clear(live);
            JoinNext(i, live);
            for (var word = 0; word < live.Length; word++)
            {
                var before = block.Reads[word] | (live[word] & ~block.Writes[word]);
                isMore |= before != block.Live[word];
                block.Live[word] = before;
            }
        }
        return isMore;
    }

    /// <summary>Adds the locals that are live at the end of a block.</summary>
    private void JoinNext(int index, ulong[] live)
    {
        var last = recorder.Code[blocks[index].End - 1];
        if (last.Kind == OperandKind.Label)
        {
            Join(live, blockOfLabel[((Label)last.Operand!).Id]);
        }
        else if (last.Kind == OperandKind.Labels)
        {
            foreach (var label in (Label[])last.Operand!)
                Join(live, blockOfLabel[label.Id]);
        }
        if (!last.IsEnd && index + 1 < blocks.Count)
            Join(live, index + 1);
    }

    private void Join(ulong[] live, int index)
    {
        for (var word = 0; word < live.Length; word++)
            live[word] |= blocks[index].Live[word];
    }

    /// <summary>Steps back over an instruction. Code that takes the address of a local writes it.
    /// </summary>
    private static void Step(in Instruction instruction, ulong[] live)
    {
        if (instruction.Kind != OperandKind.Local)
            return;
        var index = ((LocalBuilder)instruction.Operand!).LocalIndex;
        if (instruction.IsLoad)
            Add(live, index);
        else
            live[index >> 6] &= ~(1UL << index);
    }

    private static void Add(ulong[] set, int index) => set[index >> 6] |= 1UL << index;

    private LocalBuilder[] Locals(ulong[] live, LocalBuilder except) =>
        [.. recorder.Locals.Where(local =>
            local != except && (live[local.LocalIndex >> 6] >> local.LocalIndex & 1) != 0)];

    /// <param name="Reads">Locals that the block reads before it writes them.</param>
    /// <param name="Live">Locals that are live at its start.</param>
    private sealed record Block(
        int Start, int End, ulong[] Reads, ulong[] Writes, ulong[] Live);
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pallas.Eval;

/// <summary>
/// Words that are written one after the other and then read in that order, in memory that the
/// collector does not know.
/// </summary>
/// <remarks>
/// Eight million frames that keep a number each are 64 MB: on the managed heap they would bring a
/// collection forward, in which everything that the frames are about to use is alive and is moved.
/// <para>
/// A block is given back as soon as it is read. <see cref="Free"/> gives back what is left, and so
/// does the finalizer for a chain that is dropped unread, because its evaluation has crashed.
/// Whoever writes or reads sees to it that the chain is reachable from elsewhere at that moment,
/// as an evaluator's queues are.
/// </para>
/// </remarks>
internal unsafe struct WordChain
{
    private const int FirstLength = 32;
    private const int BlockLength = 2048;

    private ulong* writeAt;
    private ulong* writeEnd;
    private ulong* readAt;
    private ulong* readEnd;
    private Blocks? blocks;

    /// <summary>Blocks of all chains that were not given back yet.</summary>
    public static int BlocksInUse => Blocks.InUse;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ulong word)
    {
        if (writeAt == writeEnd)
            AddBlock();
        *writeAt++ = word;
    }

    /// <summary>The word that was written first of those that are left; there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Take()
    {
        if (readAt == readEnd)
            NextBlock();
        return *readAt++;
    }

    /// <summary>Gives all memory back; nothing is read any more.</summary>
    public void Free()
    {
        blocks?.Dispose();
        this = default;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddBlock()
    {
        var isFirst = blocks is null;
        var length = isFirst ? FirstLength : BlockLength;
        writeAt = (blocks ??= new Blocks()).Add(length);
        writeEnd = writeAt + length;
        if (!isFirst)
            return;
        readAt = writeAt;
        readEnd = writeEnd;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void NextBlock()
    {
        readAt = blocks!.DropFirst();
        readEnd = readAt + BlockLength;
    }

    /// <summary>The blocks themselves, each of which begins with the address of the next one.
    /// </summary>
    private sealed class Blocks : IDisposable
    {
        private static int inUse;

        private Block* first;
        private Block* last;

        ~Blocks() => FreeAll();

        public static int InUse => Volatile.Read(ref inUse);

        /// <summary>The words of a new last block.</summary>
        public ulong* Add(int length)
        {
            var size = sizeof(Block) + (length * sizeof(ulong));
            var block = (Block*)NativeMemory.Alloc((nuint)size);
            Interlocked.Increment(ref inUse);
            block->Next = null;
            if (first is null)
                first = block;
            else
                last->Next = block;
            last = block;
            return (ulong*)(block + 1);
        }

        /// <summary>Gives the first block back; returns the words of the next one.</summary>
        public ulong* DropFirst()
        {
            FreeFirst();
            return (ulong*)(first + 1);
        }

        public void Dispose()
        {
            FreeAll();
            GC.SuppressFinalize(this);
        }

        private void FreeAll()
        {
            while (first is not null)
                FreeFirst();
        }

        private void FreeFirst()
        {
            var next = first->Next;
            NativeMemory.Free(first);
            first = next;
            Interlocked.Decrement(ref inUse);
        }

        private struct Block
        {
            public Block* Next;
        }
    }
}

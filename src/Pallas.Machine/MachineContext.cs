using System.Security.Cryptography;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>A machine's surroundings: the seams to the world, and the callbacks for its user.
/// </summary>
public sealed record MachineContext
{
    public MachineOptions Options { get; init; } = new();

    /// <summary>The clock of the time device and of time limits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The source of the machine's threads.</summary>
    public IScheduler Scheduler { get; init; } = ThreadScheduler.Instance;

    /// <summary>Ids for new cogs; one that is taken is not used.</summary>
    public Func<ulong> DrawCogId { get; init; } =
        () => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>Fills a buffer with random bytes; called from any thread.</summary>
    public Action<byte[]> FillRandom { get; init; } = buffer => RandomNumberGenerator.Fill(buffer);

    /// <summary>Makes the devices of a machine.</summary>
    public Func<MachineContext, IReadOnlyList<IDevice>> Devices { get; init; } = _ => [];

    /// <summary>Gets each traced value after its event is durable, at most once.</summary>
    /// <remarks>
    /// Called from one thread at a time; an exception that it throws ends the machine. A trace of a
    /// function that is served to the web belongs to no event and is shown at once.
    /// </remarks>
    public Action<CogId, Value>? Trace { get; init; }

    /// <summary>Gets a notification after each thing that an operator may want to know; from any
    /// thread.</summary>
    public Action<MachineNotification>? Notify { get; init; }

    /// <summary>Gets lines of text about what the machine does.</summary>
    public Action<string>? Message { get; init; }

    /// <summary>The machine's folder, once it runs in one.</summary>
    public string? Folder { get; init; }

    /// <summary>Gets each commit once it is durable, before its effects happen: for showing what
    /// an event does.</summary>
    internal Action<Commit>? Committed { get; init; }

    /// <summary>The machine's measurements of itself, once it runs.</summary>
    internal MachineMeter? Meter { get; init; }
}

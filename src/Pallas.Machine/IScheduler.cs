namespace Pallas.Machine;

/// <summary>
/// The seam under the machine's threads: everything that runs beside something else is a lane.
/// </summary>
/// <remarks>
/// What holds: the steps of a lane run one at a time, each seeing what those before it did. A step
/// never waits for another lane: it returns false where there is nothing to do and is run again
/// after the next <see cref="ILane.Wake"/>, one that comes while it runs included. So the lanes
/// may be threads, or all be run in any order on one thread, which the simulator does.
/// </remarks>
public interface IScheduler
{
    /// <summary>Makes a lane; it takes its first step by itself.</summary>
    /// <param name="step">
    /// Does one piece of work, and returns whether there may be more. What it throws ends the
    /// process.
    /// </param>
    ILane Start(string name, int stackBytes, Func<bool> step);

    /// <summary>How many lanes get on at the same time; more are in each other's way.</summary>
    int LanesAtOnce => int.MaxValue;

    /// <summary>Whether more threads than the lanes may be used, where nobody can tell.</summary>
    bool MayUseThreads => false;

    /// <summary>Does work with that much stack while the caller waits for it.</summary>
    void Run(int stackBytes, Action work);
}

/// <summary>Steps that are taken one after the other.</summary>
public interface ILane
{
    /// <summary>There may be something to do; from any thread.</summary>
    void Wake();

    /// <summary>
    /// Lets the lane end what it was woken for; afterwards it takes no step. Returns when that is
    /// so, at once if a step of the lane itself calls it.
    /// </summary>
    void Close();
}

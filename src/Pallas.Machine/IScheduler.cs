namespace Pallas.Machine;

/// <summary>The seam to threads: all concurrent work of the machine runs on lanes.</summary>
/// <remarks>
/// The steps of a lane run one at a time, and each sees the writes of the steps before it. A step
/// never waits for another lane: it returns false if there is nothing to do, and runs again after
/// the next <see cref="ILane.Wake"/>, also one during the step. So lanes may be threads, or the
/// simulator may run all of them on one thread in any order.
/// </remarks>
public interface IScheduler
{
    /// <summary>Makes a lane. The first step needs no wake.</summary>
    /// <param name="step">Does one piece of work, and returns whether there may be more. An
    /// exception ends the process.</param>
    ILane Start(string name, int stackBytes, Func<bool> step);

    /// <summary>The number of lanes that can run at the same time; more only share processors.
    /// </summary>
    int LanesAtOnce => int.MaxValue;

    /// <summary>The clock of the threads, which is not always the clock of the machine.</summary>
    TimeProvider Time => TimeProvider.System;

    /// <summary>Whether work may use threads beside the lanes.</summary>
    bool MayUseThreads => false;

    /// <summary>Runs work on a stack of that size while the caller waits.</summary>
    void Run(int stackBytes, Action work);
}

/// <summary>A sequence of steps, of which one runs at a time.</summary>
public interface ILane
{
    /// <summary>Runs the step again; from any thread.</summary>
    void Wake();

    /// <summary>Finishes the work that the lane was woken for; no step runs afterwards. Returns
    /// when that is done, at once if a step of the lane itself calls it.</summary>
    void Close();
}

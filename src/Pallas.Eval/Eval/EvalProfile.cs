namespace Pallas.Eval;

/// <summary>
/// Gets samples of what evaluators do. The one that asks for a sample with
/// <see cref="Evaluator.RequestSample"/> gets it on the evaluator's thread, at its next call.
/// </summary>
public abstract class EvalProfile
{
    /// <summary>Gets each new evaluator.</summary>
    protected internal abstract void Attach(Evaluator evaluator);

    /// <summary>Called by the evaluator's thread; it may ask for the
    /// <see cref="Evaluator.LawStack"/>.</summary>
    protected internal abstract void Sample(Evaluator evaluator);
}

namespace Pallas.Plan;

/// <summary>
/// Marks what compiled code calls and what may return no value, because the native stack is being
/// left; compiled code looks after each such call. Native code that cannot leave the stack asks
/// <see cref="Evaluator.Settle"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnwindsAttribute : Attribute;

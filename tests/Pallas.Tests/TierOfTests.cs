using System.Runtime.CompilerServices;
using Pallas.Plan;

namespace Pallas.Tests;

/// <summary>Lets the whole suite run under each tier: <c>PALLAS_TIER</c>.</summary>
internal static class TierOfTests
{
    [ModuleInitializer]
    internal static void Set()
    {
        if (Environment.GetEnvironmentVariable(TierSetting.Variable) is not { Length: > 0 } word)
            return;
        if (!TierSetting.TryRead(word, out _))
            throw new InvalidOperationException($"{TierSetting.Variable} cannot be {word}");
        AppContext.SetData(TierSetting.Name, word);
    }
}

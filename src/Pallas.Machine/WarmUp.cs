using System.Net.Sockets;
using Pallas.Eval;
using Pallas.Store.Backends;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Machine;

/// <summary>Loads the code that every start of a machine needs, while the command line and the
/// folder are read. On a second processor, that shortens the start.</summary>
/// <remarks>The start would load all of it a little later. The warm-up touches no folder.</remarks>
public static class WarmUp
{
    private const int HashedBytes = 16 << 10;

    public static void Begin() =>
        new Thread(Run) { IsBackground = true, Name = "warm up" }.Start();

    private static void Run()
    {
        try
        {
            // In the order in which a start needs them.
            _ = JetTable.All;
            new Socket(SocketType.Stream, ProtocolType.Tcp).Dispose();
            foreach (var backend in StoreBackends.All)
                backend.Load();
            _ = Blake3.Hash(new byte[HashedBytes]);
            CompileOne();
        }
        catch (Exception)
        {
            // The start meets the same failure where it matters, and reports it there.
        }
    }

    /// <summary>Loads the compiler, for which the first compiled law would wait.</summary>
    private static void CompileOne()
    {
        // (warm f x) = f (x + 1)
        var body = App.Make(0, 1, App.Make(0, App.Make(2, 3), 2));
        var law = Pin.Make(Law.Make(Nat.OfText("warm"), Nat.Of(2), body));
        var evaluator = new Evaluator(
            new EvalOptions { Jets = JetTable.All, Tier = Tier.Compile });
        evaluator.Normalize(evaluator.Apply(law, 3, 0));
    }
}

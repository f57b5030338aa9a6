using System.Net.Sockets;
using Pallas.Eval;
using Pallas.Store.Backends;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Machine;

/// <summary>Loads what every start of a machine needs, beside the reading of the command line and
/// of the folder: with a second processor the start then takes as much less.</summary>
/// <remarks>All of it would be done anyway, a little later. It touches no folder.</remarks>
public static class WarmUp
{
    private const int HashedBytes = 16 << 10;

    public static void Begin() =>
        new Thread(Run) { IsBackground = true, Name = "warm up" }.Start();

    private static void Run()
    {
        try
        {
            // In the order in which a start comes to them.
            _ = JetTable.All;
            new Socket(SocketType.Stream, ProtocolType.Tcp).Dispose();
            foreach (var backend in StoreBackends.All)
                backend.Load();
            _ = Blake3.Hash(new byte[HashedBytes]);
            CompileOne();
        }
        catch (Exception)
        {
            // Who needs what did not load meets the same, and says so in its place.
        }
    }

    /// <summary>The first law that becomes machine code waits for all that makes it so.</summary>
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

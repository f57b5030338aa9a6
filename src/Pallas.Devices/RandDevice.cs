using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Devices;

/// <summary>Random bytes.</summary>
/// <remarks><c>[%rand 0 %byte n]</c> answers a bar of n bytes, n being at most 16 MiB.</remarks>
/// <param name="fill">Fills a buffer; called from any thread.</param>
public sealed class RandDevice(Action<byte[]> fill) : IDevice
{
    public const int BytesMax = 16 << 20;

    private static readonly CallShape[] Shapes =
    [
        new("byte", "n", CallKind.TakesIn, "a bar of n random bytes, n at most 16 MiB"),
    ];

    public string Name => "rand";

    public IReadOnlyList<CallShape> Calls => Shapes;

    public CallKind KindOf(ReadOnlySpan<Value> args) =>
        args.Length == 2
            && args[0] is Nat name
            && name.ToText() == "byte"
            && args[1] is SmallNat { Word: <= BytesMax }
            ? CallKind.TakesIn
            : CallKind.Unknown;

    public Action? Start(DeviceCall call)
    {
        var bytes = new byte[((SmallNat)call.Args[1]).Word];
        fill(bytes);
        call.Answer(Bar.Of(bytes));
        return null;
    }

    public void Dispose()
    {
    }
}

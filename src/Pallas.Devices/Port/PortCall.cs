using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Devices.Port;

/// <summary>A call of the port device, read from the arguments after the name and the flag.
/// </summary>
internal abstract record PortCall
{
    public const int BodyBytesMax = 16 << 20;
    public const int ReceiveBytesMax = 256 << 20;

    private PortCall()
    {
    }

    public sealed record Sire : PortCall;

    public sealed record Serve(byte[] Seed, Value Function) : PortCall;

    public sealed record Ask(byte[] Seed, PortQuestion Question) : PortCall;

    public sealed record Dyno(byte[] Seed) : PortCall;

    public sealed record Hold(Value Handle) : PortCall;

    public sealed record Send(Value Handle, Bar Data) : PortCall;

    /// <param name="Count">The number of bytes; null for the next piece.</param>
    public sealed record Receive(Value Handle, int? Count) : PortCall;

    /// <summary>Null if the shape is another.</summary>
    public static PortCall? Read(ReadOnlySpan<Value> args)
    {
        var first = args.Length > 1 ? args[1] : null;
        var seed = first is null ? null : PortKeys.BytesOf(first);
        return (CallShapes.NameOf(args), args.Length) switch
        {
            ("sire", 1) => new Sire(),
            ("serv", 3) when seed is not null => new Serve(seed, args[2]),
            ("rqst", 3) when seed is not null && PortQuestion.Read(args[2]) is { } question =>
                new Ask(seed, question),
            ("dyno", 2) when seed is not null => new Dyno(seed),
            ("hold", 2) when first is Nat => new Hold(first),
            ("send", 3) when first is Nat && args[2] is Bar data => new Send(first, data),
            ("recv", 2) when first is Nat => new Receive(first, null),
            ("rcll", 3) when first is Nat
                && args[2] is SmallNat { Word: <= ReceiveBytesMax } count =>
                new Receive(first, (int)count.Word),
            _ => null,
        };
    }
}

/// <summary>A question of one identity to another; as a value <c>[from to time body]</c>.</summary>
/// <param name="Time">The seconds for which it is asked; null for no limit.</param>
internal sealed record PortQuestion(byte[] From, byte[] To, uint? Time, Bar Body)
{
    public static PortQuestion? Read(Value value) =>
        value is Row { Count: 4 } row
            && PortKeys.BytesOf(row[0]) is { } from
            && PortKeys.BytesOf(row[1]) is { } to
            && row[3] is Bar { Count: <= PortCall.BodyBytesMax } body
            ? row[2] switch
            {
                Nat { IsZero: true } => new PortQuestion(from, to, null, body),
                App { Count: 1, Head: Nat { IsZero: true } } some
                    when some[0] is SmallNat { Word: <= uint.MaxValue } seconds =>
                    new PortQuestion(from, to, (uint)seconds.Word, body),
                _ => null,
            }
            : null;

    public Row ToValue() => Row.Of(
        Nat.OfBytes(From), Nat.OfBytes(To), Time is { } time ? App.Make(0, time) : 0, Body);
}

/// <summary>The reply of a served function to a question.</summary>
internal abstract record PortReply
{
    private PortReply()
    {
    }

    /// <summary><c>0</c>: drop the question.</summary>
    public sealed record Drop : PortReply;

    /// <summary><c>[0 seconds]</c>: ask again for that time.</summary>
    public sealed record Hold(uint Seconds) : PortReply;

    /// <summary><c>[1 seconds bar]</c>: an answer.</summary>
    public sealed record Answer(Bar Payload) : PortReply;

    /// <summary><c>[2 x bar]</c>: a port, of which a dyno gets the other end, with x.</summary>
    public sealed record Port(Value Meaning, Bar Payload) : PortReply;

    /// <summary>Null if the value is no reply.</summary>
    public static PortReply? Read(Value value)
    {
        if (value is Nat { IsZero: true })
            return new Drop();
        if (value is not Row row || row.Count < 2 || row[0] is not SmallNat kind)
            return null;
        return (kind.Word, row.Count) switch
        {
            (0, 2) when row[1] is SmallNat { Word: <= uint.MaxValue } seconds =>
                new Hold((uint)seconds.Word),
            (1, 3) when row[1] is Nat && row[2] is Bar { Count: <= PortCall.BodyBytesMax } bar =>
                new Answer(bar),
            (2, 3) when row[2] is Bar { Count: <= PortCall.BodyBytesMax } bar =>
                new Port(row[1], bar),
            _ => null,
        };
    }
}

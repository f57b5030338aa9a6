using System.Net.Sockets;
using System.Text;
using Pallas.Devices.Sockets;

namespace Pallas.Devices.Port;

/// <summary>The registry of the machines of this computer: the place of each address.</summary>
/// <remarks>
/// After a greeting, a machine sends requests and gets answers, in frames. <c>1 address</c> gets a
/// challenge; <c>2 address signature place</c> claims the address for the place, with a signature
/// over challenge and place; <c>3 address</c> gets the place, or nothing. The claims of a machine
/// end with its connection.
/// </remarks>
public sealed class Router : IDisposable
{
    internal const byte Propose = 1;
    internal const byte Claim = 2;
    internal const byte Resolve = 3;
    internal const int FrameBytesMax = 1 << 10;

    private const int MachinesMax = 1024;
    private const int AddressesMax = 4096;
    private const int AddressesOfAllMax = 1 << 16;
    private const int ChallengesMax = 64;

    private readonly Lock gate = new();
    private readonly Dictionary<string, (string Place, Socket Owner)> places = [];
    private readonly HashSet<Socket> machines = [];
    private readonly CancellationTokenSource closing = new();
    private readonly Action<byte[]> fillRandom;
    private readonly Listener listener;

    /// <exception cref="SocketException">The system refuses the port.</exception>
    private Router(int port, Action<byte[]> fillRandom)
    {
        this.fillRandom = fillRandom;
        listener = Listener.Open(new NetworkOptions(), port, Serve);
    }

    internal static ReadOnlySpan<byte> Greeting => "pallas router 1"u8;

    public int Port => listener.Port;

    /// <summary>Null if a process listens on the port already.</summary>
    /// <param name="port">0 for any that is free.</param>
    /// <param name="fillRandom">Fills the challenges; from any thread.</param>
    public static Router? TryStart(int port, Action<byte[]> fillRandom)
    {
        try
        {
            return new Router(port, fillRandom);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>The bytes to sign in a claim.</summary>
    internal static byte[] ToSign(ReadOnlySpan<byte> challenge, string place) =>
        [.. Greeting, .. challenge, .. Encoding.UTF8.GetBytes(place)];

    public void Dispose()
    {
        closing.Cancel();
        listener.Dispose();
        lock (gate)
        {
            foreach (var machine in machines)
                machine.Dispose();
        }
    }

    private void Serve(Socket socket) => _ = Task.Run(async () =>
    {
        lock (gate)
        {
            if (machines.Count >= MachinesMax || closing.IsCancellationRequested)
            {
                socket.Dispose();
                return;
            }
            machines.Add(socket);
        }
        try
        {
            await Serve(socket, closing.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (
            error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The machine has ended its session.
        }
        finally
        {
            lock (gate)
            {
                machines.Remove(socket);
                foreach (var (key, (_, owner)) in places.ToArray())
                {
                    if (owner == socket)
                        places.Remove(key);
                }
            }
            socket.Dispose();
        }
    });

    private async Task Serve(Socket socket, CancellationToken cancel)
    {
        using var stream = new NetworkStream(socket);
        await Frames.Write(stream, Greeting.ToArray(), cancel).ConfigureAwait(false);
        var challenges = new Dictionary<string, byte[]>();
        while (await Frames.Read(stream, FrameBytesMax, cancel).ConfigureAwait(false) is { } frame
            && Answer(socket, frame, challenges) is { } answer)
        {
            await Frames.Write(stream, answer, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Null if the frame is no request.</summary>
    private byte[]? Answer(Socket owner, byte[] frame, Dictionary<string, byte[]> challenges)
    {
        const int HeadBytes = 1 + PortKeys.BytesCount;
        const int ClaimBytes = HeadBytes + PortKeys.SignatureBytesCount;
        if (frame.Length < HeadBytes)
            return null;
        var address = frame[1..HeadBytes];
        var key = Convert.ToHexString(address);
        switch (frame[0])
        {
            case Propose when challenges.Count < ChallengesMax || challenges.ContainsKey(key):
                var proposed = new byte[PortKeys.BytesCount];
                fillRandom(proposed);
                return challenges[key] = proposed;
            case Claim when frame.Length > ClaimBytes && challenges.Remove(key, out var challenge):
                var place = Encoding.UTF8.GetString(frame.AsSpan(ClaimBytes));
                var signature = frame.AsSpan(HeadBytes, PortKeys.SignatureBytesCount);
                var isGood = PortKeys.Verify(address, ToSign(challenge, place), signature)
                    && TryPut(key, place, owner);
                return [isGood ? (byte)1 : (byte)0];
            case Resolve:
                lock (gate)
                    return Encoding.UTF8.GetBytes(places.GetValueOrDefault(key).Place ?? "");
            default:
                return null;
        }
    }

    private bool TryPut(string key, string place, Socket owner)
    {
        lock (gate)
        {
            if (!places.ContainsKey(key)
                && (places.Count >= AddressesOfAllMax
                    || places.Values.Count(each => each.Owner == owner) >= AddressesMax))
            {
                return false;
            }
            places[key] = (place, owner);
            return true;
        }
    }
}

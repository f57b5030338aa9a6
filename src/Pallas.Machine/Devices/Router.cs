using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Pallas.Machine.Devices;

/// <summary>Where the machines of this computer find each other: who is at which address.</summary>
/// <remarks>
/// After a greeting a machine asks, and is answered, in frames: <c>1 address</c> gives a challenge;
/// <c>2 address signature place</c> says that who can sign the challenge and the place is there;
/// <c>3 address</c> gives the place, or nothing. What a machine has claimed is forgotten when its
/// connection ends.
/// </remarks>
public sealed class Router : IDisposable
{
    public const int DefaultPort = 4747;

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
    private readonly Listener listener;

    /// <exception cref="SocketException">It cannot listen there.</exception>
    private Router(int port) => listener = Listener.Open(new SocketLimits(), port, Serve);

    internal static ReadOnlySpan<byte> Greeting => "pallas router 1"u8;

    public int Port => listener.Port;

    /// <summary>Null where something listens on the port already.</summary>
    /// <param name="port">0 for any that is free.</param>
    public static Router? TryStart(int port)
    {
        try
        {
            return new Router(port);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>What is signed to claim a place.</summary>
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
            // A machine that goes away has ended its session.
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

    /// <summary>Null for what is no question.</summary>
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
                return challenges[key] = RandomNumberGenerator.GetBytes(PortKeys.BytesCount);
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

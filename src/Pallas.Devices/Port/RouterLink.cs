using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Pallas.Devices.Sockets;

namespace Pallas.Devices.Port;

/// <summary>A machine's connection to the router. It starts a router itself if none runs.</summary>
/// <remarks>
/// The connection is made when it is needed. When it breaks, the link repeats its claims at the
/// next router: a machine that hosts the router may end before the others.
/// </remarks>
internal sealed class RouterLink(
    TimeProvider clock, Action<byte[]> fillRandom, int port) : IDisposable
{
    private static readonly TimeSpan AnswerTimeMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim turn = new(1);
    private readonly Lock gate = new();
    private readonly Dictionary<PortKeys, string> claims = [];
    private readonly CancellationTokenSource closing = new();
    private Session? session;
    private Router? hosted;
    private bool isRestoring;

    /// <summary>Claims the keys' address for a place until it is released.</summary>
    public void Claim(PortKeys keys, string place)
    {
        lock (gate)
        {
            claims.Add(keys, place);
            Restore();
        }
    }

    public void Release(PortKeys keys)
    {
        lock (gate)
            claims.Remove(keys);
    }

    /// <summary>The place of an address, or null.</summary>
    public async Task<string?> Resolve(byte[] address, CancellationToken cancel)
    {
        try
        {
            var place = await Exchange(
                to => to.Ask([Router.Resolve, .. address], closing.Token), cancel)
                .ConfigureAwait(false);
            return place.Length == 0 ? null : Encoding.UTF8.GetString(place);
        }
        catch (Exception error) when (IsOfLink(error) && !cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose()
    {
        closing.Cancel();
        session?.Dispose();
        hosted?.Dispose();
    }

    private static bool IsOfLink(Exception error) => error is IOException or SocketException
        or OperationCanceledException or ObjectDisposedException or TimeoutException
        or ChannelClosedException;

    /// <summary>Repeats the claims until the router has all of them.</summary>
    private void Restore()
    {
        if (isRestoring)
            return;
        isRestoring = true;
        _ = Task.Run(async () =>
        {
            while (!closing.IsCancellationRequested && !await TryRestore().ConfigureAwait(false))
                await Task.Delay(RetryPause, clock).ConfigureAwait(false);
        });
    }

    private async Task<bool> TryRestore()
    {
        KeyValuePair<PortKeys, string>[] all;
        lock (gate)
            all = [.. claims];
        try
        {
            foreach (var (keys, place) in all)
            {
                await Exchange(to => ClaimNow(to, keys, place), closing.Token)
                    .ConfigureAwait(false);
            }
        }
        catch (Exception error) when (IsOfLink(error))
        {
            return false;
        }
        lock (gate)
        {
            if (all.Length < claims.Count)
                return false;
            isRestoring = false;
            return true;
        }
    }

    private async Task<byte[]> ClaimNow(Session to, PortKeys keys, string place)
    {
        var challenge = await to.Ask([Router.Propose, .. keys.Address], closing.Token)
            .ConfigureAwait(false);
        byte[] claim =
        [
            Router.Claim, .. keys.Address, .. keys.Sign(Router.ToSign(challenge, place)),
            .. Encoding.UTF8.GetBytes(place),
        ];
        return await to.Ask(claim, closing.Token).ConfigureAwait(false);
    }

    private async Task<byte[]> Exchange(
        Func<Session, Task<byte[]>> talk, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            session ??= await Connect(cancel).ConfigureAwait(false);
            return await talk(session).ConfigureAwait(false);
        }
        catch
        {
            session?.Dispose();
            session = null;
            throw;
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<Session> Connect(CancellationToken cancel)
    {
        for (var isLast = false; ; isLast = true)
        {
            var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port, cancel)
                    .ConfigureAwait(false);
                return await Session.Open(client, OnLost, cancel).ConfigureAwait(false);
            }
            catch (SocketException) when (!isLast)
            {
                client.Dispose();
                hosted?.Dispose();
                hosted = Router.TryStart(port, fillRandom);
            }
            catch
            {
                client.Dispose();
                throw;
            }
        }
    }

    private void OnLost()
    {
        lock (gate)
        {
            if (claims.Count > 0 && !closing.IsCancellationRequested)
                Restore();
        }
    }

    private sealed class Session : IDisposable
    {
        private readonly TcpClient client;
        private readonly NetworkStream stream;
        private readonly Channel<byte[]> answers = Channel.CreateUnbounded<byte[]>();

        private Session(TcpClient client)
        {
            this.client = client;
            stream = client.GetStream();
        }

        /// <param name="onLost">Called once, when the session ends.</param>
        /// <exception cref="IOException">The process at the port is no router.</exception>
        public static async Task<Session> Open(
            TcpClient client, Action onLost, CancellationToken cancel)
        {
            var session = new Session(client);
            var greeting = await Frames.Read(session.stream, Router.FrameBytesMax, cancel)
                .WaitAsync(AnswerTimeMax, cancel).ConfigureAwait(false);
            if (greeting is null || !greeting.AsSpan().SequenceEqual(Router.Greeting))
            {
                throw new IOException(
                    "the process that listens on the router's port is no Pallas router");
            }
            _ = Task.Run(() => session.ReadAll(onLost), CancellationToken.None);
            return session;
        }

        public async Task<byte[]> Ask(byte[] question, CancellationToken cancel)
        {
            await Frames.Write(stream, question, cancel).ConfigureAwait(false);
            return await answers.Reader.ReadAsync(cancel).AsTask()
                .WaitAsync(AnswerTimeMax, cancel).ConfigureAwait(false);
        }

        public void Dispose() => client.Dispose();

        private async Task ReadAll(Action onLost)
        {
            try
            {
                while (await Frames.Read(stream, Router.FrameBytesMax, CancellationToken.None)
                    .ConfigureAwait(false) is { } answer)
                {
                    answers.Writer.TryWrite(answer);
                }
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException)
            {
                // The session has ended.
            }
            answers.Writer.TryComplete();
            onLost();
        }
    }
}

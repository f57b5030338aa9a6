using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Pallas.Cli.Render;
using Pallas.Devices;
using Pallas.Eval;
using Pallas.Machine;

namespace Pallas.Cli.Control;

/// <summary>Answers queries about a running machine, over a socket that only its user can open.
/// </summary>
/// <remarks>
/// Each query has a thread of its own and reads a view of the store; the machine goes on. The
/// server closes before the machine, because a view does not outlive the store.
/// </remarks>
internal sealed class ControlServer : IDisposable
{
    private const int QueriesMax = 4;
    private const int StackBytes = 64 << 20;

    private static readonly TimeSpan QueryWait = TimeSpan.FromSeconds(10);

    private readonly RunningMachine machine;
    private readonly EvalOptions evaluation;
    private readonly PokeDevice poke;
    private readonly JsonSerializerOptions queries;
    private readonly string path;
    private readonly Socket listener;
    private readonly SemaphoreSlim free = new(QueriesMax);
    private readonly HashSet<Socket> open = [];
    private readonly CancellationTokenSource closing = new();
    private readonly Task accepting;
    private bool closed;

    private ControlServer(
        RunningMachine machine, EvalOptions evaluation, PokeDevice poke,
        JsonSerializerOptions queries, string path, Socket listener)
    {
        this.poke = poke;
        this.machine = machine;
        this.evaluation = evaluation;
        this.queries = queries;
        this.path = path;
        this.listener = listener;
        accepting = Accept();
    }

    /// <summary>Null, with a warning, if the system does not let it listen: a machine also runs
    /// without it.</summary>
    public static ControlServer? Start(
        RunningMachine machine, MachineContext context, PokeDevice poke,
        JsonSerializerOptions queries, string folder)
    {
        var path = ControlPath.Of(folder);
        var evaluation = context.Options.Evaluation with { Jets = JetTable.All };
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // A killed process left the socket behind: this process holds the lock.
            File.Delete(path);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen(QueriesMax);
            return new ControlServer(machine, evaluation, poke, queries, path, listener);
        }
        catch (Exception error) when (error is SocketException or IOException
            or UnauthorizedAccessException)
        {
            listener.Dispose();
            context.Message?.Invoke(
                $"warning: pallas status cannot ask this machine while it runs: {error.Message}");
            return null;
        }
    }

    /// <summary>Ends the open queries.</summary>
    public void Dispose()
    {
        lock (open)
        {
            closed = true;
            foreach (var socket in open)
                socket.Shutdown(SocketShutdown.Both);
        }
        closing.Cancel();
        listener.Dispose();
        accepting.Wait();
        for (var i = 0; i < QueriesMax; i++)
            free.Wait();
        free.Dispose();
        closing.Dispose();
        File.Delete(path);
    }

    private async Task Accept()
    {
        while (true)
        {
            try
            {
                var socket = await listener.AcceptAsync().ConfigureAwait(false);
                await free.WaitAsync().ConfigureAwait(false);
                new Thread(() => Serve(socket), StackBytes)
                {
                    IsBackground = true,
                    Name = "control",
                }.Start();
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Serve(Socket socket)
    {
        try
        {
            lock (open)
            {
                if (closed)
                    return;
                open.Add(socket);
            }
            socket.ReceiveTimeout = (int)QueryWait.TotalMilliseconds;
            Serve(new NetworkStream(socket));
        }
        catch (IOException)
        {
            // The client closed the connection.
        }
        finally
        {
            lock (open)
                open.Remove(socket);
            socket.Dispose();
            free.Release();
        }
    }

    private void Serve(NetworkStream stream)
    {
        if (ControlFrame.Read(stream) is not (ControlFrameKind.Query, var content))
            return;
        using var said = new StringWriter();
        var exitCode = Failure.Guard(() => Answer(content, stream, said), said);
        if (said.ToString() is { Length: > 0 } text)
            ControlFrame.Write(stream, ControlFrameKind.Error, Encoding.UTF8.GetBytes(text));
        var code = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(code, exitCode);
        ControlFrame.Write(stream, ControlFrameKind.Exit, code);
    }

    private int Answer(byte[] content, NetworkStream stream, StringWriter said)
    {
        MachineQuery query;
        try
        {
            query = JsonSerializer.Deserialize<MachineQuery>(content, queries)
                ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw Failure.Mistake(
                $"the machine runs another version of pallas: {error.Message}\n"
                + "hint: stop the machine and start it with this version");
        }
        using var access = MachineAccess.Running(
            machine, evaluation, poke, said.WriteLine, closing.Token);
        return query.Answer(access, new ControlOutput(stream));
    }
}

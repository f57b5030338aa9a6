using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pallas.Bench.Http;

/// <summary>The usual program in place of a machine: Kestrel and a table of SQLite.
/// </summary>
/// <remarks>
/// The same page, the same counter, the same thousand bodies kept. A write is synced before it is
/// answered (WAL, <c>synchronous=FULL</c>): at <c>/each</c> by a transaction of its own, at
/// <c>/grouped</c> together with all that wait.
/// </remarks>
internal static class PeerServer
{
    public const string Command = "http-peer";

    private const int GroupMax = 1000;

    private const string Schema = """
        pragma journal_mode = wal;
        create table if not exists counter (n integer);
        create table if not exists kept (slot integer primary key, body blob);
        insert into counter values (0);
        """;

    /// <summary>Prints its address, and serves until it is killed.</summary>
    public static int Serve(string path)
    {
        using var writer = new Writer(path);
        var readers = new System.Collections.Concurrent.ConcurrentBag<SqliteCommand>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var page = string.Concat(Enumerable.Repeat("0123456789abcdef", 16));
        app.MapGet("/static", () => page);
        app.MapGet("/", () =>
        {
            if (!readers.TryTake(out var command))
                command = Prepare(Open(path), "select n from counter");
            var count = (long)command.ExecuteScalar()!;
            readers.Add(command);
            return $"{count}";
        });
        app.MapPost("/each", async (HttpRequest request) =>
            $"{await writer.WriteAlone(await ReadBody(request))}");
        app.MapPost("/grouped", async (HttpRequest request) =>
            $"{await writer.WriteGrouped(await ReadBody(request))}");
        app.Start();
        Console.WriteLine(app.Urls.Single());
        app.WaitForShutdown();
        return 0;
    }

    private static async Task<byte[]> ReadBody(HttpRequest request)
    {
        var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection($"Data Source={path}");
        connection.Open();
        Prepare(connection, "pragma synchronous = full").ExecuteNonQuery();
        return connection;
    }

    private static SqliteCommand Prepare(SqliteConnection connection, string text)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        return command;
    }

    private sealed class Writer : IDisposable
    {
        private readonly SqliteConnection connection;
        private readonly SqliteCommand count;
        private readonly SqliteCommand keep;
        private readonly SemaphoreSlim turn = new(1);
        private readonly Channel<(byte[] Body, TaskCompletionSource<long> Done)> waiting =
            Channel.CreateUnbounded<(byte[] Body, TaskCompletionSource<long> Done)>();

        public Writer(string path)
        {
            connection = Open(path);
            Prepare(connection, Schema).ExecuteNonQuery();
            count = Prepare(connection, "update counter set n = n + 1 returning n");
            keep = Prepare(connection, "insert or replace into kept values ($slot, $body)");
            keep.Parameters.Add("$slot", SqliteType.Integer);
            keep.Parameters.Add("$body", SqliteType.Blob);
            _ = Task.Run(WriteAll);
        }

        public async Task<long> WriteAlone(byte[] body)
        {
            await turn.WaitAsync();
            try
            {
                using var transaction = connection.BeginTransaction();
                var number = Write(transaction, body);
                transaction.Commit();
                return number;
            }
            finally
            {
                turn.Release();
            }
        }

        public Task<long> WriteGrouped(byte[] body)
        {
            var done = new TaskCompletionSource<long>(
                TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Writer.TryWrite((body, done));
            return done.Task;
        }

        public void Dispose() => connection.Dispose();

        private long Write(SqliteTransaction transaction, byte[] body)
        {
            count.Transaction = keep.Transaction = transaction;
            var number = (long)count.ExecuteScalar()!;
            keep.Parameters[0].Value = number % 1000;
            keep.Parameters[1].Value = body;
            keep.ExecuteNonQuery();
            return number;
        }

        private async Task WriteAll()
        {
            var group = new List<(TaskCompletionSource<long> Done, long Number)>();
            while (await waiting.Reader.WaitToReadAsync())
            {
                await turn.WaitAsync();
                using (var transaction = connection.BeginTransaction())
                {
                    while (group.Count < GroupMax && waiting.Reader.TryRead(out var next))
                        group.Add((next.Done, Write(transaction, next.Body)));
                    transaction.Commit();
                }
                turn.Release();
                foreach (var (done, number) in group)
                    done.SetResult(number);
                group.Clear();
            }
        }
    }
}

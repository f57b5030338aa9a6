using System.CommandLine;
using Pallas.Cli.Control;
using Pallas.Cli.Options;
using Pallas.Cli.Render;
using Pallas.Cli.Run;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Backup;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas backup STORE FILE</c>: a machine as one file, while it runs or not.</summary>
internal static class BackupCommand
{
    public static Command Create(CommandContext context)
    {
        var store = CommonArguments.Store();
        var file = new Argument<string>("FILE") { Description = "The file to write." };
        var command = new Command("backup", "Write a machine to one file; it may be running.")
        {
            store, file,
        };
        command.SetAction(parsed => Write(
            parsed.GetValue(store)!, parsed.GetValue(file)!, context.Client));
        return command;
    }

    /// <summary>Writes a verified file or nothing: to a temporary file, read again, then renamed.
    /// </summary>
    /// <returns>The exit code.</returns>
    private static int Write(string folder, string path, ControlClient client)
    {
        UserFile.MustBeWritable(path);
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            int exitCode;
            using (var output = File.Create(temporary))
            {
                exitCode = client.Ask(folder, new BackupQuery(), output);
                output.Flush(flushToDisk: true);
            }
            if (exitCode != ExitCode.Success)
                return exitCode;
            using (var written = File.OpenRead(temporary))
                StoreBackup.Read(written, into: null);
            File.Move(temporary, path, overwrite: true);
            Console.WriteLine(
                $"wrote {path}, {SizeText.Of(new FileInfo(path).Length)}, verified");
            return ExitCode.Success;
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}

internal sealed record BackupQuery : MachineQuery
{
    public override int Answer(MachineAccess machine, Stream output)
    {
        var report = MachineCheck.Run(
            machine.View, machine.Context, replay: false);
        if (report.Problems.Count > 0)
            throw new StoreError(StoreErrorKind.Damaged, report.Problems[0]);
        MachineBackup.Write(machine.View, output);
        return ExitCode.Success;
    }
}

using System.CommandLine;
using Pallas.Cli.Control;
using Pallas.Eval;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Backup;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas backup STORE FILE</c>: a machine as one file, while it runs or not.</summary>
internal static class BackupCommand
{
    public static Command Create(EvaluationOptionSet evaluation)
    {
        var store = Operands.Store();
        var file = new Argument<string>("FILE") { Description = "The file to write." };
        var command = new Command("backup", "Write a machine to one file; it may be running.")
        {
            store, file,
        };
        command.SetAction(parsed => Write(
            parsed.GetValue(store)!, parsed.GetValue(file)!, evaluation.Options));
        return command;
    }

    /// <summary>Whole and verified, or not at all: written beside, read again, then renamed.
    /// </summary>
    /// <returns>The exit code.</returns>
    private static int Write(string folder, string path, EvalOptions evaluation)
    {
        UserFile.MustBeWritable(path);
        var beside = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            int exitCode;
            using (var output = File.Create(beside))
            {
                exitCode = new BackupQuery().Ask(folder, evaluation, output);
                output.Flush(flushToDisk: true);
            }
            if (exitCode != ExitCode.Success)
                return exitCode;
            using (var written = File.OpenRead(beside))
                StoreBackup.Read(written, into: null);
            File.Move(beside, path, overwrite: true);
            Console.WriteLine(
                $"wrote {path}, {Amount.Show(new FileInfo(path).Length)}, verified");
            return ExitCode.Success;
        }
        finally
        {
            File.Delete(beside);
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

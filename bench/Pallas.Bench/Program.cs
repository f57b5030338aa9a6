using System.Globalization;
using Pallas.Bench;
using Pallas.Bench.Http;
using Pallas.Bench.Machines;
using Pallas.Bench.Soak;

const string Usage = $"""
    usage: Pallas.Bench speed [--only NAME] [--one-size]   programs beside plain C#
           Pallas.Bench depth [NAME]                       what a level of recursion costs
           Pallas.Bench memory [NAME]                      what programs hold in memory
           Pallas.Bench growth                             how times grow from n to 2n
           Pallas.Bench {MachineCommand.Usage}
           Pallas.Bench http --pallas DLL --seconds N      HTTP beside Kestrel and SQLite
           Pallas.Bench soak --pallas DLL --seconds N      HTTP among good clients and bad ones
    """;

switch (args)
{
    case ["depth", .. var names] when names.Length <= 1:
        DepthTable.Print(names.FirstOrDefault());
        return 0;
    case ["memory", .. var names] when names.Length <= 1:
        MemoryTable.Print(names.FirstOrDefault());
        return 0;
    case [MemoryTable.Command, var row]:
        return MemoryTable.Measure(row);
    case ["growth"]:
        Growth.Print(new Library());
        return 0;
    case [Child.Command, var what, var path, .. var rest]:
        return Child.Serve(what, path, rest);
    case ["machine", .. var words] when MachineCommand.Read(words) is { } asked:
        new MachineTable(asked).Print();
        return 0;
    case [PeerServer.Command, var database]:
        return PeerServer.Serve(database);
    case ["http", "--pallas", var pallas, "--seconds", var text]
        when int.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && seconds > 0:
        new HttpTable(pallas, seconds).Print();
        return 0;
    case ["soak", "--pallas", var pallas, "--seconds", var text]
        when int.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && seconds >= 60:
        return await new SoakRun(pallas, seconds).Run() ? 0 : 3;
    case ["speed", .. var options]:
        string? only = null;
        var oneSize = false;
        for (var i = 0; i < options.Length; i++)
        {
            if (options[i] == "--one-size")
                oneSize = true;
            else if (options[i] == "--only" && i + 1 < options.Length)
                only = options[++i];
            else
                goto default;
        }
        new SpeedTable(only, oneSize).Print();
        return 0;
    default:
        Console.Error.WriteLine(Usage);
        return 1;
}

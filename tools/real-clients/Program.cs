using Pallas.RealClients;

const string Usage = """
    usage: real-clients pages                     opens the pages of our examples in a browser
           real-clients demos FOLDER [NAME..]     tries the reference's demos, in its Sire folder
             --cdn FOLDER    a folder with the scripts that their pages have from elsewhere
    """;

var cdn = Array.IndexOf(args, "--cdn") is >= 0 and var at && at + 1 < args.Length
    ? args[at + 1]
    : null;
string[] words = [.. args.Where(word => word != "--cdn" && word != cdn)];
try
{
    switch (words)
    {
        case ["pages"]:
            return await PageChecks.Run() ? 0 : 1;
        case ["demos", var folder, .. var names]:
            return await DemoChecks.Run(Path.GetFullPath(folder), names, cdn) ? 0 : 1;
        default:
            Console.Error.WriteLine(Usage);
            return 1;
    }
}
catch (CheckFailed failed)
{
    Console.Error.WriteLine($"real-clients: {failed.Message}");
    return 1;
}

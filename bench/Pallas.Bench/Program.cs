using Pallas.Bench;

Console.WriteLine("| what | n | seconds | 2n | seconds | ratio |");
Console.WriteLine("|---|--:|--:|--:|--:|--:|");
var library = new Library();
foreach (var growth in Growth.All(library))
    Console.WriteLine(growth.Measure());

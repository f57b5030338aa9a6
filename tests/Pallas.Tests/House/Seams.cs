namespace Pallas.Tests.House;

/// <summary>The only types of the product that touch the clock, randomness, the collector, or
/// reflection. All other code is handed what it needs.</summary>
internal static class Seams
{
    public static readonly ProductRules.Banned[] Calls =
    [
        new(
            [
                "System.AppContext.GetData", "System.AppContext.SetData",
                "System.AppContext.TryGetSwitch", "System.AppContext.SetSwitch",
            ],
            [], "hand the setting over in the options"),
        new(
            ["System.GC.Collect"],
            [],
            "bound the live set"),
        new(
            ["System.Threading.Thread.Sleep"],
            [],
            "wait for an event"),
        new(
            [
                "System.Diagnostics.Stopwatch.", "System.DateTime.get_UtcNow",
                "System.DateTime.get_Now", "System.DateTimeOffset.get_UtcNow",
                "System.DateTimeOffset.get_Now", "System.Environment.get_TickCount",
                "System.Environment.get_TickCount64",
            ],
            [],
            "take a TimeProvider"),
        new(
            [
                "System.Random.", "System.Guid.NewGuid",
                "System.Security.Cryptography.RandomNumberGenerator.",
            ],
            ["Pallas.Machine.MachineContext", "Pallas.Cli.Torture.TortureRounds"],
            "take a source of randomness"),
        new(
            [
                "System.Type.GetMethod", "System.Type.GetMethods", "System.Type.GetField",
                "System.Type.GetFields", "System.Type.GetProperty", "System.Type.GetProperties",
                "System.Type.GetConstructor", "System.Type.GetConstructors",
                "System.Type.GetMember", "System.Type.GetMembers", "System.Type.GetNestedType",
                "System.Type.GetType", "System.Reflection.Assembly.GetType",
                "System.Reflection.Assembly.GetTypes", "System.Activator.CreateInstance",
            ],
            ["Pallas.Eval.Members", "Pallas.Cli.Commands.CommandJson"],
            "look members up in one place"),
    ];

    /// <summary>A thread's own field holds what belongs to the thread: the bounds of its stack, and
    /// a buffer that it uses again.</summary>
    public static readonly string[] ThreadStatics =
        ["Pallas.Values.StackGuard", "Pallas.Store.Pins.PinTable"];
}

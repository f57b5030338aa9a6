using System.Text;
using Pallas.Fuzz;
using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Testing;
using Pallas.Tests.Machine;
using Pallas.Values;
using Pallas.Values.Hashing;
using Xunit;

namespace Pallas.Tests.Fuzz;

/// <summary>
/// Some inputs for every reader, and the inputs that once escaped. The program in fuzz runs longer
/// and with other seeds.
/// </summary>
/// <remarks>Each reading has a bound on its time, so the tests run alone: collections of deep
/// stacks in other tests stop all threads for seconds.</remarks>
[Collection(typeof(Alone))]
public sealed class FuzzTests
{
    private const ulong Seed = 20;
    private const int InputsCount = 400;

    public static TheoryData<string> Targets => [.. TargetList.Names];

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_reader_gives_a_value_or_an_error(string name)
    {
        var target = TargetList.Find(name)!;
        var result = Campaign.Run(target, Seed, TimeSpan.MaxValue, countMax: InputsCount);
        (target as IDisposable)?.Dispose();
        Assert.True(result.Escape is null, $"{result.Escape}");
        Assert.True(result.TriedCount > 0);
        Assert.InRange(result.ErrorsCount, 1, result.TriedCount);
    }

    [Fact]
    public void An_input_is_known_by_target_seed_and_index()
    {
        foreach (var name in TargetList.Names)
        {
            byte[] Again() => TargetList.Find(name)!.Input(RandomStream.For(name, 5, 7));
            Assert.Equal(Again(), Again());
        }
    }

    [Fact]
    public void A_fault_of_a_reader_is_found_and_its_input_is_shrunk()
    {
        var throwing = Campaign.Run(
            new Planted(input => input.Contains((byte)'!') ? throw new ArgumentException("!") : 1),
            Seed, TimeSpan.FromSeconds(20));
        Assert.StartsWith("ArgumentException", throwing.Escape?.What);
        Assert.Equal("!"u8, throwing.Escape!.Input);

        var greedy = Campaign.Run(
            new Planted(input => input.Contains((byte)'!') ? new byte[100 << 20] : 1),
            Seed, TimeSpan.FromSeconds(20));
        Assert.StartsWith("allocation", greedy.Escape?.What);

        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        var slow = Campaign.Run(
            new Planted(input =>
            {
                if (input.Contains((byte)'!'))
                    clock.Advance(TimeSpan.FromMilliseconds(150));
                return 1;
            })
            {
                Timer = clock,
            },
            Seed, TimeSpan.FromSeconds(20));
        Assert.StartsWith("time", slow.Escape?.What);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Allocations_of_other_threads_count_only_if_nothing_else_runs(bool isAlone)
    {
        var target = new Planted(_ =>
        {
            var thread = new Thread(() => GC.KeepAlive(new byte[100 << 20]));
            thread.Start();
            thread.Join();
            return 1;
        })
        {
            IsAlone = isAlone,
            TimeMs = 60_000,
        };
        var escape = Trial.Run(target, []).Escape;
        Assert.Equal(isAlone, escape?.StartsWith("allocation", StringComparison.Ordinal) ?? false);
    }

    [Theory]
    [InlineData("loot", "()=a")]
    [InlineData("sire", "#### m\n= (**f x) | x (**x x) x\n* = g (^ _ _ f)\n")]
    public void An_input_that_escaped_once_is_read_now(string name, string text) =>
        Assert.Null(Trial.Run(TargetList.Find(name)!, Encoding.UTF8.GetBytes(text)).Escape);

    [Fact]
    public void A_law_without_arguments_in_the_log_is_damage()
    {
        const string Input =
            "8203e500d280dfb6fbf5bc6e777bf7f413cce979f5f08a783b60c404d9336a05a0e8ade3a857240d"
            + "5e88de095bb57fe4babc44c78d8d957bbe04b3667a8d84fea4f9d7050400000000000000ffffffff"
            + "ffffffff018380080004";
        var trial = Trial.Run(TargetList.Find("store")!, Convert.FromHexString(Input));
        Assert.Null(trial.Escape);
        Assert.False(trial.IsValue);
    }

    [Fact]
    public void A_pin_of_a_set_of_pins_that_contains_itself_is_damage()
    {
        // The order of the set's pins needs what they hold.
        const string Input =
            "010198000200000000000000ac0d10739e5c4926595aef276f230de5e50fbcf2561df356779bbf74"
            + "1c5aee4652203b0e62f3bf3974b609ab84d885fc70d69714dfb654048dddb7393d17629302000000"
            + "00000000000000000000000001000000000000000600000000000000080000000000000033b6c7c1"
            + "ba0f000000010203040591838e6d10424ebe31cc50716394a13748017d8394e60000000080014600"
            + "533b62db3830615046b3d9eadaaa111c04000000000000003335bdcfd45580da4abbc4807d9e723d"
            + "452115ce757f58823f4690e93f71f3d408412f6f4c20652a47990186ea48";
        var trial = Trial.Run(TargetList.Find("store")!, Convert.FromHexString(Input));
        Assert.Null(trial.Escape);
        Assert.False(trial.IsValue);
    }

    [Theory]
    // A leaf of three items that stands there as one of five.
    [InlineData("05008081820a03" + "0500100005000c")]
    // A branch of one leaf of three.
    [InlineData("08008081820a030b010d")]
    // A branch of nodes of the height 255, which is more than a byte holds with one added.
    [InlineData("05008081820a03" + "0d00100003ff01100003ff010b020c")]
    // A branch of more items than an int counts.
    [InlineData("05008081820a03" + "13001000ffffffff07061000ffffffff07060b020c")]
    public void A_forged_chunk_whose_nodes_are_no_tree_is_damage(string input)
    {
        var trial = Trial.Run(TargetList.Find("chunk")!, Convert.FromHexString(input));
        Assert.Null(trial.Escape);
        Assert.False(trial.IsValue);
    }

    [Fact]
    public void Module_cache_entries_that_name_each_other_are_missing()
    {
        // Three forged entries, each of which refers to the first one.
        byte[] entry = [1, 0, 0, 0, .. Blake3.Hash([0]).ToBytes(), 0, 0, 0, 0];
        byte[] input = [1, .. entry, .. "<part>"u8, .. entry, .. "<part>"u8, .. entry];
        using var target = new CacheTarget();
        var trial = Trial.Run(target, input);
        Assert.Null(trial.Escape);
        Assert.False(trial.IsValue);
    }

    [Theory]
    [InlineData("", "cannot be read: ")]
    // A germ of one hole that pins it: (4 hole).
    [InlineData(
        "0100000000000000" + "0000000000000000" + "0000000000000000" + "0100000000000000"
        + "0100000000000000" + "0402000000000000",
        "is not what its hash says")]
    public void A_pin_that_refers_to_itself_is_damage(string germ, string expected)
    {
        var root = Pin.Make(Row.Of("root"));
        var memory = new MemoryStore();
        MachineStore.Initialize(memory, root);
        memory.Damage(
            StoreSpace.Pins, root.Hash.ToBytes(),
            [1, 0, 0, 0, 0, 0, 0, 0, .. root.Hash.ToBytes(), .. Convert.FromHexString(germ)]);
        using var store = MachineStore.Open(memory);
        var error = Assert.Throws<StoreError>(() => store.Snapshots.LoadLast());
        Assert.Equal(StoreErrorKind.Damaged, error.Kind);
        Assert.StartsWith(
            $"the store is damaged: the pin {root.Hash} {expected}", error.Message);
    }

    /// <summary>A reader with a fault at inputs that hold an exclamation mark.</summary>
    private sealed class Planted(Func<byte[], object?> read) : FuzzTarget("planted")
    {
        public int TimeMs { get; init; } = 100;

        public TimeProvider Timer { get; init; } = TimeProvider.System;

        public override int TimeBaseMs => TimeMs;

        public override TimeProvider Clock => Timer;

        public override byte[] Make(RandomStream random) => random.Bytes(random.Skewed(60));

        public override object? Read(byte[] input) => read(input);
    }
}

using Pallas.Formats.Seeds;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Eval;

/// <summary>Hashes and serial forms.</summary>
internal static class SeedJets
{
    public static readonly Jet[] All =
    [
        // (loadSeed b) = the value whose seed b is. The law runs where b is no seed.
        new()
        {
            Name = "_LoadSeed", Arity = 1, Force = [1],
            Code = static (_, args) =>
                args[0] is Bar bar && SeedReader.TryRead(bar.Bytes, out var value, out var _)
                    ? value
                    : null,
            Hashes =
            [
                "CrDqS8Sx88JDYEVHVUDcKKUUPCw3wNKufetVMueYj3im",
                "Gr9GVVVEXKzeYc8QCNaXfd4i134V2M2GzYtHsjr86wKV",
            ],
        },

        // (saveSeed x) = the seed of x
        new()
        {
            Name = "_SaveSeed", Arity = 1,
            Code = static (evaluator, args) => KeySearch.Normal(evaluator, args[0]) is { } value
                ? Bar.Of(SeedWriter.Write(value, [], isPlain: true))
                : null,
            Hashes =
            [
                "5Hi3rZBUwYk8gU2DLVbPZ9aSv9jTBmQrQgZoqiS1ipv9",
                "BomfdWhxsuBeUcQ1E25TQeWXgUdSrqtqGrry1Q1KAqYB",
            ],
        },

        // (loadGerm refs b) = the pin whose germ b is. The law runs where b is no germ.
        new()
        {
            Name = "_LoadGerm", Arity = 2, Force = [2], Code = LoadGerm,
            Hashes =
            [
                "41RM5TPfNkERjDHCVgnbPRYXfEKHVGXG7EzBob3UKaRN",
                "3Q1suu8o7af7NfaoXrwWxANY3w1kHf61ic3WnqSJDVPg",
            ],
        },

        // (saveGerm p) = [refs germ] of a pin; else 0
        new()
        {
            Name = "_SaveGerm", Arity = 1, Force = [1],
            Code = static (_, args) => args[0] is Pin pin ? SaveGerm(pin) : Nat.Zero,
            Hashes =
            [
                "2EBsumzBMKnDfRyX3mdEH3FDUZFZi9ZKuiPMk7mFFo39",
                "F7wYUQdonNNUYnarB7kyE7SqPNkksn79y9VG34Vx7DQj",
            ],
        },

        // (blake3 x) = the BLAKE3 hash of (barFlat x)
        new()
        {
            Name = "_Blake3", Arity = 1, Force = [1], Code = Blake3Of,
            Hashes =
            [
                "3SYhSaiJ8UBF3gqdZ2FuFipV4pHUo9DnL8x8A6wsAWAK",
                "9yYvyAeN6wPzS5SpTp57xQS1gFCsJraBKbH8AUtHPGv3",
                "Hh5vbt77auwoytAug6oA8Q6CvHfNCrVRdSWFrGvjqGk9",
            ],
        },

        // (planHash x) = the hash of the pin of x
        new()
        {
            Name = "_PlanHash", Arity = 1,
            Code = static (evaluator, args) => KeySearch.Normal(evaluator, args[0]) is { } value
                ? Bar.Of(PinHash.Of(value).ToBytes())
                : null,
            Hashes =
            [
                "BDcJhoneAK3vNRvfgyXsXLeoLXvRTpHVoTmrRFs1EzHx",
                "HAn2ZgLkuGbnVYDmh1UNUjGZbeMapMgkrnaahPoe5Luy",
                "5C8CdScoMS8XmwGfQYwZEBH9Ex6zDn1kC9E7yu5hERKZ",
            ],
        },

        // (pinHash p) = the hash of a pin; else 0
        new()
        {
            Name = "_PinHash", Arity = 1, Force = [1],
            Code = static (_, args) =>
                args[0] is Pin pin ? Bar.Of(pin.Hash.ToBytes()) : Nat.Zero,
            Hashes =
            [
                "FM8i8x75ycTjJSVtvATMmC37bXsd5u7cF8x3NoAHdjkp",
                "FoMZQ53XxU4tGndfediQECMKgGye3t5ePrm8XHgm62am",
                "DUBRq6xkEHbAZMjKECgXPLUfReieYk27CGKFxrBhWyQn",
            ],
        },
    ];

    private static Pin? LoadGerm(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        if (args[1] is not Bar { Bytes.Length: var length } bar || length % sizeof(ulong) != 0
            || evaluator.Whnf(args[0]) is not Row row)
            return null;
        var refs = new Pin[row.Count];
        for (var i = 0; i < refs.Length; i++)
        {
            if (row[i] is not Pin pin)
                return null;
            refs[i] = pin;
        }
        return Germ.TryRead(bar.Bytes, refs, out var item, out _) ? Pin.Make(item) : null;
    }

    /// <summary>
    /// The law numbers the pins in the order of application, head first, so it takes the items of
    /// a row from the last to the first. <see cref="Pin.Refs"/> takes them in their order.
    /// </summary>
    private static Row SaveGerm(Pin pin)
    {
        var refs = AppliedRefs(pin.Item);
        return Row.Of(Row.Of([.. refs]), Bar.Of(SeedWriter.Write(pin.Item, refs, isPlain: true)));
    }

    private static Pin[] AppliedRefs(Value item)
    {
        var refs = new List<Pin>();
        var hashes = new HashSet<Hash256>();
        var seen = new HashSet<Value>(ReferenceEqualityComparer.Instance);
        var todo = new Stack<Value>();
        todo.Push(item);
        while (todo.TryPop(out var value))
        {
            if (value is Pin pin)
            {
                if (hashes.Add(pin.Hash))
                    refs.Add(pin);
                continue;
            }
            if (value is Nat or Bar or Cow || !seen.Add(value))
                continue;
            todo.Push(AppParts.Body(value));
            for (var i = 0; i < AppParts.Count(value); i++)
                todo.Push(AppParts.Item(value, i));
            if (AppParts.IsApp(value))
                todo.Push(AppParts.Head(value));
        }
        return [.. refs];
    }

    private static Bar Blake3Of(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        if (args[0] is Bar whole)
            return Bar.Of(Blake3.Hash(whole.Bytes).ToBytes());
        var hasher = new Blake3Hasher();
        foreach (var leaf in new FlattenedItems(evaluator, args[0]))
        {
            if (leaf is Bar bar)
                hasher.Update(bar.Bytes);
        }
        return Bar.Of(hasher.Finish().ToBytes());
    }
}

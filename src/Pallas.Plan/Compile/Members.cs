using System.Reflection;

namespace Pallas.Plan;

/// <summary>The members that compiled laws use.</summary>
internal static class Members
{
    internal const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    public static readonly FieldInfo Word = FieldOf<SmallNat>(nameof(SmallNat.Word));
    public static readonly FieldInfo ResultBoxed = FieldOf<Result>(nameof(Result.Boxed));
    public static readonly FieldInfo ResultWord = FieldOf<Result>(nameof(Result.Word));
    public static readonly FieldInfo Fuel = FieldOf<Evaluator>(nameof(Evaluator.Fuel));
    public static readonly FieldInfo StackLimit = FieldOf<Evaluator>(nameof(Evaluator.StackLimit));
    public static readonly FieldInfo IsUnwinding =
        FieldOf<Evaluator>(nameof(Evaluator.IsUnwinding));

    /// <summary>See <see cref="Value.IsThunk"/>.</summary>
    public static readonly Type[] ThunkLayouts = [typeof(PlainThunk), typeof(WordThunk)];

    public static readonly FieldInfo ThunkCode = FieldOf<Thunk>(nameof(Thunk.Code));
    public static readonly FieldInfo ThunkA = FieldOf<Thunk>(nameof(Thunk.A));
    public static readonly FieldInfo ThunkB = FieldOf<Thunk>(nameof(Thunk.B));
    public static readonly MethodInfo Force = MethodOf<Evaluator>(nameof(Evaluator.Force));
    public static readonly MethodInfo Poll = MethodOf<Evaluator>(nameof(Evaluator.PollCompiled));
    public static readonly FieldInfo Exit = FieldOf<Evaluator>(nameof(Evaluator.Exit));
    public static readonly MethodInfo MayEnter = MethodOf<NativeExit>(nameof(NativeExit.MayEnter));
    public static readonly MethodInfo Count = MethodOf<Evaluator>(nameof(Evaluator.CountRounds));

    public static readonly ConstructorInfo NewThunk = typeof(PlainThunk).GetConstructor(
        All, [typeof(Plan.ThunkCode), typeof(object), typeof(object)])!;

    public static readonly ConstructorInfo NewThunkOfWords = typeof(WordThunk).GetConstructor(
        All,
        [typeof(Plan.ThunkCode), typeof(object), typeof(object), typeof(ulong), typeof(ulong)])!;

    public static readonly FieldInfo First = FieldOf<Compound>(nameof(Compound.First));
    public static readonly FieldInfo Number = FieldOf<Compound>(nameof(Compound.Number));
    public static readonly FieldInfo Second = FieldOf<Compound>(nameof(Compound.Second));
    public static readonly FieldInfo InlineCount = FieldOf<Compound>(nameof(Compound.InlineCount));

    public static readonly ConstructorInfo NewApp =
        typeof(App).GetConstructor(All, [typeof(Value), typeof(Value[])])!;

    /// <summary>By number of arguments, from 1.</summary>
    public static readonly ConstructorInfo[] NewInlineApp =
    [
        typeof(App).GetConstructor(All, [typeof(Value), typeof(Value)])!,
        typeof(App).GetConstructor(All, [typeof(Value), typeof(Value), typeof(Value)])!,
    ];

    /// <summary>By number of items, from 1.</summary>
    public static readonly ConstructorInfo[] NewInlineRow =
    [
        typeof(Row).GetConstructor(All, [typeof(Value)])!,
        typeof(Row).GetConstructor(All, [typeof(Value), typeof(Value)])!,
    ];

    /// <summary>Of a first item that may be a word, and a second one or none.</summary>
    public static readonly ConstructorInfo NewRowOfWord =
        typeof(Row).GetConstructor(
            All, [typeof(Value), typeof(ulong), typeof(Value), typeof(Value)])!;

    public static readonly MethodInfo Clz = typeof(System.Numerics.BitOperations).GetMethod(
        nameof(System.Numerics.BitOperations.LeadingZeroCount), [typeof(ulong)])!;

    public static readonly MethodInfo PopCount = typeof(System.Numerics.BitOperations).GetMethod(
        nameof(System.Numerics.BitOperations.PopCount), [typeof(ulong)])!;

    public static readonly MethodInfo RotateLeft = typeof(System.Numerics.BitOperations).GetMethod(
        nameof(System.Numerics.BitOperations.RotateLeft), [typeof(ulong), typeof(int)])!;

    public static readonly MethodInfo RotateLeft32 =
        typeof(System.Numerics.BitOperations).GetMethod(
            nameof(System.Numerics.BitOperations.RotateLeft), [typeof(uint), typeof(int)])!;

    public static readonly MethodInfo Min =
        typeof(Math).GetMethod(nameof(Math.Min), [typeof(ulong), typeof(ulong)])!;

    public static readonly MethodInfo Max =
        typeof(Math).GetMethod(nameof(Math.Max), [typeof(ulong), typeof(ulong)])!;

    public static readonly MethodInfo Unbox = OfSlow(nameof(Slow.Unbox));

    public static readonly MethodInfo BoxResult = OfSlow(nameof(Slow.BoxResult));

    public static MethodInfo OfCapture(string name) => typeof(Capture).GetMethod(name, All)!;

    public static MethodInfo OfSlow(string name) => typeof(Slow).GetMethod(name, All)!;

    public static MethodInfo OfSlow(string name, params Type[] types) =>
        typeof(Slow).GetMethod(name, All, types)!;

    public static MethodInfo OfCalls(string name) => typeof(Calls).GetMethod(name, All)!;

    private static FieldInfo FieldOf<T>(string name) => typeof(T).GetField(name, All)!;

    private static MethodInfo MethodOf<T>(string name) => typeof(T).GetMethod(name, All)!;
}

using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>The members that compiled laws use. No other file uses reflection.</summary>
internal static class Members
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic
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
        All, [typeof(Suspension), typeof(object), typeof(object)])!;

    public static readonly ConstructorInfo NewThunkOfWords = typeof(WordThunk).GetConstructor(
        All,
        [typeof(Suspension), typeof(object), typeof(object), typeof(ulong), typeof(ulong)])!;

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

    /// <summary>Makes a row of a first item that may be a word, and a second item or none.
    /// </summary>
    public static readonly ConstructorInfo NewRowOfWord =
        typeof(Row).GetConstructor(
            All, [typeof(Value), typeof(ulong), typeof(Value), typeof(Value)])!;

    public static readonly MethodInfo Unbox = Of(SlowPaths.Unbox);

    public static readonly MethodInfo BoxResult = Of(SlowPaths.BoxResult);

    // By number of arguments, from 1; the last ones take an array.

    public static readonly MethodInfo[] Ops =
        [Of(CallStubs.Op1), Of(CallStubs.Op2), Of(CallStubs.Op3)];

    public static readonly MethodInfo[] Jets =
        [Of(CallStubs.Jet1), Of(CallStubs.Jet2), Of(CallStubs.Jet3)];

    public static readonly MethodInfo[] Calls =
    [
        Of(CallStubs.Call1), Of(CallStubs.Call2), Of(CallStubs.Call3), Of(CallStubs.Call4),
        Of(CallStubs.CallMany),
    ];

    public static readonly MethodInfo[] Applications =
    [
        Of(CallStubs.Apply1), Of(CallStubs.Apply2), Of(CallStubs.Apply3),
        Of(CallStubs.ApplyMany),
    ];

    // By number of objects, from 0.

    public static readonly MethodInfo[] Saves =
    [
        Of(FrameSpill.Save0), Of(FrameSpill.Save1), Of(FrameSpill.Save2), Of(FrameSpill.Save3),
    ];

    public static readonly MethodInfo[] SavesWithWord =
        [Of(FrameSpill.SaveWord0), Of(FrameSpill.SaveWord1)];

    /// <summary>Lets compiled laws use the internal members of values and of the evaluator.
    /// </summary>
    public static readonly CustomAttributeBuilder[] InternalAccess =
        [.. new[] { typeof(Value), typeof(Members) }.Select(type => new CustomAttributeBuilder(
            typeof(IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!,
            [type.Assembly.GetName().Name!]))];

    /// <summary>Whether a call may return without a value, because the native stack is spilled.
    /// </summary>
    public static bool MaySpill(MethodInfo method) =>
        method is MethodBuilder || method.DeclaringType == typeof(CallStubs) || method == Force;

    /// <summary>A static method that is not overloaded.</summary>
    public static MethodInfo Of(Delegate method) => method.Method;

    /// <summary>The address of a method of an instance's class.</summary>
    public static nint AddressOf(object target, MethodBuilder method) =>
        target.GetType().GetMethod(method.Name)!.MethodHandle.GetFunctionPointer();

    public static void SetField(object target, FieldBuilder field, object value) =>
        target.GetType().GetField(field.Name)!.SetValue(target, value);

    private static FieldInfo FieldOf<T>(string name) => typeof(T).GetField(name, All)!;

    private static MethodInfo MethodOf<T>(string name) => typeof(T).GetMethod(name, All)!;
}

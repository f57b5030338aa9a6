using Pallas.Values;

namespace Pallas.Machine;

/// <summary>The devices of a machine and the calls that they serve.</summary>
/// <remarks>
/// Devices are called one at a time, under a lock of their own: the loop withdraws calls under it,
/// and the effects of durable events start them under it. A call that was withdrawn before it
/// started never starts.
/// </remarks>
internal sealed class DeviceCalls
{
    private readonly Lock gate = new();
    private readonly Dictionary<Nat, IDevice> devices;
    private readonly AnswerQueue answers;

    public DeviceCalls(IReadOnlyList<IDevice> devices, AnswerQueue answers)
    {
        this.devices = devices.ToDictionary(device => Nat.OfText(device.Name));
        this.answers = answers;
        Invariant.Check(
            this.devices.Values.All(device => device.Name.Length > 0), "each device has a name");
        Names = Set.Of(this.devices.Keys);
    }

    public Set Names { get; }

    public CallKind KindOf(Request.Call call) =>
        devices.TryGetValue(call.Device, out var device)
            ? device.KindOf(call.Args)
            : CallKind.Unknown;

    /// <summary>How a request is written that one of an unknown shape seems to mean.</summary>
    public string? ShapeLike(Value request) => RequestTable.ShapeLike(request, devices);

    public void Start(OpenRequest open)
    {
        var request = (Request.Call)open.Request;
        lock (gate)
        {
            if (open.IsWithdrawn)
                return;
            Invariant.Check(open.Call is null, $"a device call starts once: {open}");
            Invariant.Check(!open.IsUnknown, $"a device knows the call: {open}");
            open.Call = new DeviceCall(
                open.Cog.Id,
                request.Args,
                (value, wantsConfirmation) => answers.Enqueue(
                    new Answer(open, new ReceiptItem.Given(value), value)
                    {
                        WantsConfirmation = wantsConfirmation,
                    }));
            open.Cancel = devices[request.Device].Start(open.Call);
        }
    }

    /// <summary>Cancels a call that was started; one that was not never will be.</summary>
    public void Withdraw(OpenRequest open)
    {
        lock (gate)
        {
            Invariant.Check(!open.IsWithdrawn, $"a device call is withdrawn once: {open}");
            open.IsWithdrawn = true;
            open.Cancel?.Invoke();
        }
    }

    /// <summary>Tells the device of a call that its answer is durable.</summary>
    public void Confirm(OpenRequest open)
    {
        Invariant.Check(open.Call is not null, $"only a started call is answered: {open}");
        lock (gate)
            devices[((Request.Call)open.Request).Device].Confirm(open.Call);
    }

    public void Forget(CogId cog)
    {
        lock (gate)
        {
            foreach (var device in devices.Values)
                device.Forget(cog);
        }
    }
}

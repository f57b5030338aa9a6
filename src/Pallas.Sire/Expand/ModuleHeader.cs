using Pallas.Values;

namespace Pallas.Sire.Expand;

/// <summary>The declaration that a file begins with: <c>#### name</c> or <c>#### name &lt;-
/// predecessor</c>.</summary>
internal readonly record struct ModuleHeader(Nat Name, Nat? Predecessor)
{
    public const string Example = "write it like #### name, or #### name <- predecessor";

    public const string SearchHint =
        "modules are looked for beside the file and in the library folders";

    /// <summary>Null for any other form.</summary>
    public static ModuleHeader? Read(Form form)
    {
        if (!form.IsNode("####"))
            return null;
        var kids = form.Kids;
        if (kids.Count is not (1 or 2) || FormKey.Read(kids[0]) is not { } name)
            return null;
        if (kids.Count == 1)
            return new ModuleHeader(name.Nat, null);
        return kids[1].IsNode("<-") && kids[1].Heir is null
            && kids[1].Sons is [var before] && FormKey.Read(before) is { } predecessor
            ? new ModuleHeader(name.Nat, predecessor.Nat)
            : null;
    }
}

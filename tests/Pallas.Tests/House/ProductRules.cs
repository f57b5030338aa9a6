using System.Reflection;
using System.Reflection.Metadata;

namespace Pallas.Tests.House;

/// <summary>Rules for the product that its assemblies answer: what it may call, and what state it
/// may keep.</summary>
internal static class ProductRules
{
    /// <summary>A call that the product does not make, and the seams that may. A name that ends
    /// with a dot means each member of the type.</summary>
    public sealed record Banned(string[] Members, string[] AllowedIn, string Instead)
    {
        public bool Includes(string member) => Members.Any(name => name.EndsWith('.')
            ? member.StartsWith(name, StringComparison.Ordinal) : member == name);
    }

    /// <summary>A field that code can set after the program has started is state that no caller
    /// hands over. Caches of the compiler of C# do not count.</summary>
    public static IEnumerable<string> SettableStatics(
        ProductAssembly assembly, IReadOnlyList<string> threadStatics)
    {
        var metadata = assembly.Metadata;
        return
            from handle in metadata.FieldDefinitions
            let field = metadata.GetFieldDefinition(handle)
            where field.Attributes.HasFlag(FieldAttributes.Static)
                && !field.Attributes.HasFlag(FieldAttributes.InitOnly)
                && !field.Attributes.HasFlag(FieldAttributes.Literal)
            let name = metadata.GetString(field.Name)
            let type = metadata.GetTypeDefinition(field.GetDeclaringType())
            where !metadata.GetString(type.Name).StartsWith('<') && !IsCache(name)
            let owner = assembly.NameOf(field.GetDeclaringType())
            where !(threadStatics.Contains(owner) && IsOfThread(metadata, field))
            select $"{owner}.{name} is a static field that code can set: "
                + "make it a field of the object that owns it";
    }

    public static IEnumerable<string> BannedCalls(
        ProductAssembly assembly, IReadOnlyList<Banned> table)
    {
        var found =
            from handle in assembly.Metadata.MethodDefinitions
            let method = assembly.Metadata.GetMethodDefinition(handle)
            let type = assembly.NameOf(method.GetDeclaringType())
            where type.StartsWith("Pallas.", StringComparison.Ordinal)
            from token in assembly.TokensIn(method)
            let member = assembly.MemberOf(token)
            where member is not null
            from banned in table
            where banned.Includes(member) && !banned.AllowedIn.Contains(type)
            select $"{type} calls {member}: {banned.Instead}";
        return found.Distinct();
    }

    private static bool IsOfThread(MetadataReader metadata, FieldDefinition field) =>
        ProductAssembly.HasAttribute(
            metadata, field.GetCustomAttributes(), nameof(ThreadStaticAttribute));

    /// <summary>Fields of lambdas and of automatic properties: a property with a setter shows its
    /// own field.</summary>
    private static bool IsCache(string name) =>
        name.StartsWith('<') && !name.EndsWith(">k__BackingField", StringComparison.Ordinal);
}

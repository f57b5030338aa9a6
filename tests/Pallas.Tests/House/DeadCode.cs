using System.CodeDom.Compiler;
using System.Reflection;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;

namespace Pallas.Tests.House;

/// <summary>Finds methods and properties of the product that no code uses. A method that uses only
/// itself is unused. Methods that a base type or an interface asks for count as used, and so do
/// members of generated types. A text in quotes uses each method of that name: compiled code calls
/// methods that it names.</summary>
internal static class DeadCode
{
    /// <param name="others">Assemblies that may use the product.</param>
    public static IEnumerable<string> Unused(
        IReadOnlyList<ProductAssembly> product, params IReadOnlyList<ProductAssembly> others)
    {
        var used = product.Concat(others).SelectMany(Used).ToHashSet();
        var texts = product.SelectMany(Texts).ToHashSet();
        return product.SelectMany(Candidates)
            .Where(name => !used.Contains(name))
            .Where(name => !texts.Contains(name[(name.LastIndexOf('.') + 1)..]))
            .Distinct();
    }

    private static IEnumerable<string> Used(ProductAssembly assembly) =>
        from handle in assembly.Metadata.MethodDefinitions
        let method = assembly.Metadata.GetMethodDefinition(handle)
        from token in assembly.TokensIn(method)
        where token != handle
        let member = assembly.MemberOf(token)
        where member is not null
        select member;

    private static IEnumerable<string> Texts(ProductAssembly assembly) =>
        from handle in assembly.Metadata.MethodDefinitions
        from text in assembly.TextsIn(assembly.Metadata.GetMethodDefinition(handle))
        select text;

    private static IEnumerable<string> Candidates(ProductAssembly assembly) =>
        from handle in assembly.Metadata.TypeDefinitions
        let type = assembly.Metadata.GetTypeDefinition(handle)
        let name = assembly.FullNameOf(handle)
        where !name.Contains('<') && name.StartsWith("Pallas.", StringComparison.Ordinal)
            && !ProductAssembly.HasAttribute(
                assembly.Metadata, type.GetCustomAttributes(), nameof(GeneratedCodeAttribute))
        let implementations = type.GetMethodImplementations()
            .Select(one => assembly.Metadata.GetMethodImplementation(one).MethodBody).ToHashSet()
        from one in type.GetMethods()
        let method = assembly.Metadata.GetMethodDefinition(one)
        where !implementations.Contains(one) && IsCandidate(assembly.Metadata, method)
        select $"{name}.{assembly.Metadata.GetString(method.Name)}";

    /// <summary>Generated methods are none, except what reads an automatic property.</summary>
    private static bool IsCandidate(MetadataReader metadata, MethodDefinition method)
    {
        var name = metadata.GetString(method.Name);
        return !method.Attributes.HasFlag(MethodAttributes.Virtual)
            && !name.Contains('<') && !name.StartsWith('.')
            && !name.StartsWith("op_", StringComparison.Ordinal)
            && (name.StartsWith("get_", StringComparison.Ordinal)
                || !IsGenerated(metadata, method));
    }

    private static bool IsGenerated(MetadataReader metadata, MethodDefinition method) =>
        ProductAssembly.HasAttribute(
            metadata, method.GetCustomAttributes(), nameof(CompilerGeneratedAttribute));
}

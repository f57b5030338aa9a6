using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Pallas.Tests.House;

/// <summary>Decodes a signature to the set of named types in it. Element types, type arguments,
/// custom modifiers and the parts of function pointers all count.</summary>
internal sealed class TypeMentions(MetadataReader metadata)
    : ISignatureTypeProvider<ImmutableHashSet<string>, object?>,
        ICustomAttributeTypeProvider<ImmutableHashSet<string>>
{
    private static readonly ImmutableHashSet<string> None = [];

    public ImmutableHashSet<string> GetTypeFromDefinition(
        MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
        [NameOf(handle)];

    public ImmutableHashSet<string> GetTypeFromReference(
        MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
        [NameOf(handle)];

    public ImmutableHashSet<string> GetTypeFromSpecification(
        MetadataReader reader, object? genericContext, TypeSpecificationHandle handle,
        byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public ImmutableHashSet<string> GetGenericInstantiation(
        ImmutableHashSet<string> genericType,
        ImmutableArray<ImmutableHashSet<string>> typeArguments) =>
        typeArguments.Aggregate(genericType, (all, one) => all.Union(one));

    public ImmutableHashSet<string> GetFunctionPointerType(
        MethodSignature<ImmutableHashSet<string>> signature) =>
        signature.ParameterTypes.Aggregate(signature.ReturnType, (all, one) => all.Union(one));

    public ImmutableHashSet<string> GetModifiedType(
        ImmutableHashSet<string> modifier, ImmutableHashSet<string> unmodifiedType,
        bool isRequired) => modifier.Union(unmodifiedType);

    /// <summary>The value of a <c>typeof</c> in an attribute: a name, with the assembly after a
    /// comma and the nested type after a plus sign.</summary>
    public ImmutableHashSet<string> GetTypeFromSerializedName(string name) =>
        name.Split(['[', ']', ','], StringSplitOptions.TrimEntries)
            .Where(part => part.StartsWith("Pallas.", StringComparison.Ordinal))
            .Select(part => part.Split('+')[0])
            .ToImmutableHashSet();

    public ImmutableHashSet<string> GetArrayType(
        ImmutableHashSet<string> elementType, ArrayShape shape) => elementType;

    public ImmutableHashSet<string> GetSZArrayType(ImmutableHashSet<string> elementType) =>
        elementType;

    public ImmutableHashSet<string> GetByReferenceType(ImmutableHashSet<string> elementType) =>
        elementType;

    public ImmutableHashSet<string> GetPointerType(ImmutableHashSet<string> elementType) =>
        elementType;

    public ImmutableHashSet<string> GetPinnedType(ImmutableHashSet<string> elementType) =>
        elementType;

    public ImmutableHashSet<string> GetGenericMethodParameter(object? context, int index) => None;

    public ImmutableHashSet<string> GetGenericTypeParameter(object? context, int index) => None;

    public ImmutableHashSet<string> GetPrimitiveType(PrimitiveTypeCode typeCode) => None;

    public ImmutableHashSet<string> GetSystemType() => ["System.Type"];

    public bool IsSystemType(ImmutableHashSet<string> type) => type.Contains("System.Type");

    /// <summary>An enum of another assembly is taken to be an <c>int</c>, as all of ours are.
    /// </summary>
    public PrimitiveTypeCode GetUnderlyingEnumType(ImmutableHashSet<string> type) =>
        PrimitiveTypeCode.Int32;

    /// <summary>The full name of the outermost type around a definition.</summary>
    public string NameOf(TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        return type.GetDeclaringType() is { IsNil: false } outer
            ? NameOf(outer)
            : Join(type.Namespace, type.Name);
    }

    private string NameOf(TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        return type.ResolutionScope is { Kind: HandleKind.TypeReference } outer
            ? NameOf((TypeReferenceHandle)outer)
            : Join(type.Namespace, type.Name);
    }

    private string Join(StringHandle space, StringHandle name)
    {
        var prefix = metadata.GetString(space);
        var simple = metadata.GetString(name);
        return prefix.Length == 0 ? simple : $"{prefix}.{simple}";
    }
}

using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace Pallas.Tests.House;

/// <summary>The mentions of types in a compiled assembly: bases, constraints, members and their
/// signatures, attributes, local variables, and every token in the code of a method.</summary>
internal sealed class ProductAssembly : IDisposable
{
    private readonly PEReader file;
    private readonly MetadataReader metadata;
    private readonly TypeMentions mentions;

    public ProductAssembly(Stream image)
    {
        file = new PEReader(image);
        metadata = file.GetMetadataReader();
        mentions = new TypeMentions(metadata);
    }

    public MetadataReader Metadata => metadata;

    public void Dispose() => file.Dispose();

    /// <summary>Each pair of types of our namespaces once.</summary>
    public HashSet<Arrow> Arrows() =>
        Mentions().Where(arrow => arrow.From != arrow.To && IsOurs(arrow.From) && IsOurs(arrow.To))
            .ToHashSet();

    /// <summary>The namespaces in which this assembly defines types.</summary>
    public HashSet<string> Namespaces() =>
        metadata.TypeDefinitions
            .Select(handle => new Arrow(mentions.NameOf(handle), "").Source)
            .Where(name => name.StartsWith("Pallas", StringComparison.Ordinal))
            .ToHashSet();

    /// <summary>The assembly of a project of the product.</summary>
    public static ProductAssembly Of(string project)
    {
        var name = XDocument.Load(Path.Combine(Golden.Root, "src", project, project + ".csproj"))
            .Descendants("AssemblyName").SingleOrDefault()?.Value ?? project;
        return OfFile(name + ".dll");
    }

    /// <param name="name">Of a file beside the tests.</param>
    public static ProductAssembly OfFile(string name) =>
        new(File.OpenRead(Path.Combine(AppContext.BaseDirectory, name)));

    /// <summary>Whether one of the attributes is of a type from another assembly.</summary>
    public static bool HasAttribute(
        MetadataReader metadata, CustomAttributeHandleCollection attributes, string name) =>
        attributes.Select(metadata.GetCustomAttribute)
            .Where(attribute => attribute.Constructor.Kind == HandleKind.MemberReference)
            .Select(attribute => metadata.GetMemberReference(
                (MemberReferenceHandle)attribute.Constructor).Parent)
            .Any(parent => parent.Kind == HandleKind.TypeReference
                && metadata.GetString(
                    metadata.GetTypeReference((TypeReferenceHandle)parent).Name) == name);

    /// <summary>The name of the outermost type around a definition.</summary>
    public string NameOf(TypeDefinitionHandle handle) => mentions.NameOf(handle);

    /// <summary>The name of a type with the types around it, divided by dots.</summary>
    public string FullNameOf(EntityHandle handle)
    {
        var (name, outer) = handle.Kind == HandleKind.TypeDefinition
            ? Named(metadata.GetTypeDefinition((TypeDefinitionHandle)handle))
            : Named(metadata.GetTypeReference((TypeReferenceHandle)handle));
        return outer.IsNil
            ? Mentioned(handle).Single() : $"{FullNameOf(outer)}.{metadata.GetString(name)}";
    }

    private static (StringHandle Name, EntityHandle Outer) Named(TypeDefinition type) =>
        (type.Name, type.GetDeclaringType());

    private static (StringHandle Name, EntityHandle Outer) Named(TypeReference type) =>
        (type.Name, type.ResolutionScope.Kind == HandleKind.TypeReference
            ? type.ResolutionScope : default);

    /// <summary>The tokens in the code of a method.</summary>
    public IEnumerable<EntityHandle> TokensIn(MethodDefinition method) =>
        TokenScan.TokensIn(CodeOf(method));

    /// <summary>The texts in quotes in the code of a method.</summary>
    public IEnumerable<string> TextsIn(MethodDefinition method) =>
        TokenScan.TextsIn(CodeOf(method)).Select(metadata.GetUserString);

    private byte[] CodeOf(MethodDefinition method) => method.RelativeVirtualAddress == 0
        ? [] : file.GetMethodBody(method.RelativeVirtualAddress).GetILBytes()!;

    /// <summary>The full name of the member that a token names, or null for another token.
    /// </summary>
    public string? MemberOf(EntityHandle token) => token.Kind switch
    {
        HandleKind.MethodSpecification => MemberOf(
            metadata.GetMethodSpecification((MethodSpecificationHandle)token).Method),
        HandleKind.MethodDefinition => MemberOf(
            metadata.GetMethodDefinition((MethodDefinitionHandle)token)),
        HandleKind.MemberReference => MemberOf(
            metadata.GetMemberReference((MemberReferenceHandle)token)),
        _ => null,
    };

    public string MemberOf(MethodDefinition method) =>
        $"{FullNameOf(method.GetDeclaringType())}.{metadata.GetString(method.Name)}";

    private string? MemberOf(MemberReference member)
    {
        var name = metadata.GetString(member.Name);
        return member.Parent.Kind switch
        {
            HandleKind.TypeReference or HandleKind.TypeDefinition =>
                $"{FullNameOf(member.Parent)}.{name}",
            HandleKind.TypeSpecification when GenericTypeOf(member.Parent) is var type
                && !type.IsNil => $"{FullNameOf(type)}.{name}",
            _ => null,
        };
    }

    /// <summary>The generic type of which a specification is an instance; nil for an array.
    /// </summary>
    private EntityHandle GenericTypeOf(EntityHandle specification)
    {
        var signature = metadata.GetBlobReader(metadata.GetTypeSpecification(
            (TypeSpecificationHandle)specification).Signature);
        if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
            return default;
        signature.ReadSignatureTypeCode();
        return signature.ReadTypeHandle();
    }

    private IEnumerable<Arrow> Mentions()
    {
        foreach (var handle in metadata.TypeDefinitions)
        {
            var type = metadata.GetTypeDefinition(handle);
            var name = mentions.NameOf(handle);
            var found = OfType(type)
                .Concat(type.GetFields().SelectMany(OfField))
                .Concat(type.GetProperties().SelectMany(OfProperty))
                .Concat(type.GetEvents().SelectMany(OfEvent))
                .Concat(type.GetMethods().SelectMany(OfMethod));
            foreach (var to in found.SelectMany(one => one))
                yield return new Arrow(name, to);
        }
    }

    private IEnumerable<ImmutableHashSet<string>> OfType(TypeDefinition type) =>
    [
        Mentioned(type.BaseType),
        .. type.GetInterfaceImplementations().Select(one =>
            Mentioned(metadata.GetInterfaceImplementation(one).Interface)),
        .. OfGeneric(type.GetGenericParameters()),
        .. OfAttributes(type.GetCustomAttributes()),
    ];

    private IEnumerable<ImmutableHashSet<string>> OfField(FieldDefinitionHandle handle)
    {
        var field = metadata.GetFieldDefinition(handle);
        return
        [
            field.DecodeSignature(mentions, null), .. OfAttributes(field.GetCustomAttributes()),
        ];
    }

    private IEnumerable<ImmutableHashSet<string>> OfProperty(PropertyDefinitionHandle handle)
    {
        var property = metadata.GetPropertyDefinition(handle);
        return
        [
            All(property.DecodeSignature(mentions, null)),
            .. OfAttributes(property.GetCustomAttributes()),
        ];
    }

    private IEnumerable<ImmutableHashSet<string>> OfEvent(EventDefinitionHandle handle)
    {
        var one = metadata.GetEventDefinition(handle);
        return [Mentioned(one.Type), .. OfAttributes(one.GetCustomAttributes())];
    }

    private IEnumerable<ImmutableHashSet<string>> OfMethod(MethodDefinitionHandle handle)
    {
        var method = metadata.GetMethodDefinition(handle);
        return
        [
            All(method.DecodeSignature(mentions, null)),
            .. OfGeneric(method.GetGenericParameters()),
            .. OfAttributes(method.GetCustomAttributes()),
            .. method.GetParameters().SelectMany(one =>
                OfAttributes(metadata.GetParameter(one).GetCustomAttributes())),
            .. method.RelativeVirtualAddress == 0
                ? [] : OfBody(file.GetMethodBody(method.RelativeVirtualAddress)),
        ];
    }

    private IEnumerable<ImmutableHashSet<string>> OfBody(MethodBodyBlock body) =>
    [
        Mentioned(body.LocalSignature),
        .. body.ExceptionRegions.Select(region => Mentioned(region.CatchType)),
        .. TokenScan.TokensIn(body.GetILBytes()!).Select(Mentioned),
    ];

    private IEnumerable<ImmutableHashSet<string>> OfAttributes(CustomAttributeHandleCollection all)
    {
        foreach (var attribute in all.Select(metadata.GetCustomAttribute))
        {
            yield return Mentioned(attribute.Constructor);
            var value = attribute.DecodeValue(mentions);
            foreach (var argument in value.FixedArguments)
                yield return Mentioned(argument.Type, argument.Value);
            foreach (var argument in value.NamedArguments)
                yield return Mentioned(argument.Type, argument.Value);
        }
    }

    private IEnumerable<ImmutableHashSet<string>> OfGeneric(
        GenericParameterHandleCollection parameters) =>
        from parameter in parameters.Select(metadata.GetGenericParameter)
        from one in OfAttributes(parameter.GetCustomAttributes()).Concat(
            parameter.GetConstraints().Select(constraint =>
                Mentioned(metadata.GetGenericParameterConstraint(constraint).Type)))
        select one;

    /// <summary>The types that a token names. A member counts as the type that declares it.
    /// </summary>
    private ImmutableHashSet<string> Mentioned(EntityHandle handle) =>
        handle.IsNil ? [] : handle.Kind switch
        {
            HandleKind.TypeDefinition => [mentions.NameOf((TypeDefinitionHandle)handle)],
            HandleKind.TypeReference => mentions.GetTypeFromReference(
                metadata, (TypeReferenceHandle)handle, 0),
            HandleKind.TypeSpecification => mentions.GetTypeFromSpecification(
                metadata, null, (TypeSpecificationHandle)handle, 0),
            HandleKind.FieldDefinition => Mentioned(metadata.GetFieldDefinition(
                (FieldDefinitionHandle)handle).GetDeclaringType()),
            HandleKind.MethodDefinition => Mentioned(metadata.GetMethodDefinition(
                (MethodDefinitionHandle)handle).GetDeclaringType()),
            HandleKind.MemberReference => Mentioned(metadata.GetMemberReference(
                (MemberReferenceHandle)handle).Parent),
            HandleKind.MethodSpecification => Mentioned(
                metadata.GetMethodSpecification((MethodSpecificationHandle)handle)),
            HandleKind.StandaloneSignature => Mentioned(
                metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle)),
            _ => throw new InvalidOperationException($"cannot read a {handle.Kind} in code"),
        };

    private ImmutableHashSet<string> Mentioned(MethodSpecification method) =>
        method.DecodeSignature(mentions, null)
            .Aggregate(Mentioned(method.Method), (all, one) => all.Union(one));

    private ImmutableHashSet<string> Mentioned(StandaloneSignature signature) =>
        signature.GetKind() == StandaloneSignatureKind.Method
            ? All(signature.DecodeMethodSignature(mentions, null))
            : signature.DecodeLocalSignature(mentions, null)
                .Aggregate(ImmutableHashSet<string>.Empty, (all, one) => all.Union(one));

    private static ImmutableHashSet<string> Mentioned(
        ImmutableHashSet<string> type, object? value) =>
        value switch
        {
            ImmutableHashSet<string> named => type.Union(named),
            ImmutableArray<CustomAttributeTypedArgument<ImmutableHashSet<string>>> many =>
                many.Aggregate(type, (all, one) => all.Union(Mentioned(one.Type, one.Value))),
            _ => type,
        };

    private static ImmutableHashSet<string> All(
        MethodSignature<ImmutableHashSet<string>> signature) =>
        signature.ParameterTypes.Aggregate(signature.ReturnType, (all, one) => all.Union(one));

    private static bool IsOurs(string type) => type.StartsWith("Pallas.", StringComparison.Ordinal);
}

namespace System.Runtime.CompilerServices;

/// <summary>
/// Lets compiled laws use internal members of the assembly that it names. The runtime knows the
/// attribute by its name; the base library does not define it.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName => assemblyName;
}

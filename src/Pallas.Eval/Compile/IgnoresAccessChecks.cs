namespace System.Runtime.CompilerServices;

/// <summary>
/// Gives the assembly that has this attribute access to internal members of another assembly. The
/// runtime recognizes the attribute by its name; the base library does not define it.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName => assemblyName;
}

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Pallas.Tests.House;

/// <summary>Compiles a text to an assembly, so that a test can plant a fault.</summary>
internal static class Planted
{
    public static ProductAssembly Compile(string text)
    {
        var compilation = CSharpCompilation.Create(
            "Pallas.Planted",
            [CSharpSyntaxTree.ParseText(text)],
            [MetadataReference.CreateFromFile(typeof(object).Assembly.Location)],
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true,
                optimizationLevel: OptimizationLevel.Release));
        var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.True(result.Success, string.Join(Environment.NewLine, result.Diagnostics));
        image.Position = 0;
        return new ProductAssembly(image);
    }
}

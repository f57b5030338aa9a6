using System.Text;

namespace Pallas.Cli.Control;

/// <summary>A query whose answer is text, or JSON for tools.</summary>
internal abstract record TextQuery(bool Json) : MachineQuery
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public sealed override int Answer(MachineAccess machine, Stream output)
    {
        using var writer = new StreamWriter(output, Utf8, leaveOpen: true) { NewLine = "\n" };
        return Write(machine, writer);
    }

    protected abstract int Write(MachineAccess machine, TextWriter writer);
}

using System.Buffers.Binary;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Pallas.Tests.House;

/// <summary>Finds the metadata tokens in the code of a method.</summary>
internal static class TokenScan
{
    private static readonly Dictionary<int, OperandType> Operands = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value & 0xFFFF, code => code.OperandType);

    public static IEnumerable<EntityHandle> TokensIn(byte[] code) =>
        from operand in OperandsIn(code)
        where IsToken(operand.Type)
        select MetadataTokens.EntityHandle(operand.Token);

    /// <summary>The texts in quotes in the code of a method.</summary>
    public static IEnumerable<UserStringHandle> TextsIn(byte[] code) =>
        from operand in OperandsIn(code)
        where operand.Type == OperandType.InlineString
        select MetadataTokens.UserStringHandle(operand.Token & 0xFFFFFF);

    private static IEnumerable<(OperandType Type, int Token)> OperandsIn(byte[] code)
    {
        for (var at = 0; at < code.Length;)
        {
            int op = code[at++];
            if (op == 0xFE)
                op = 0xFE00 | code[at++];
            var operand = Operands[op];
            if (IsToken(operand) || operand == OperandType.InlineString)
                yield return (operand, BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at)));
            at += operand == OperandType.InlineSwitch
                ? 4 + 4 * BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at))
                : SizeOf(operand);
        }
    }

    private static bool IsToken(OperandType operand) =>
        operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineSig
            or OperandType.InlineTok or OperandType.InlineType;

    private static int SizeOf(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar
            => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };
}

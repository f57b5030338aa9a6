using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>What is said about a Sire source that is wrong, and with which exit code.</summary>
[Collection(CliCollection.Name)]
public sealed class SourceMistakeTests(CliHome home)
{
    private void Check(string body, int exitCode, string expected)
    {
        var folder = home.FolderWith("bad.sire", "#### bad <- prelude\n\n:| prelude\n\n" + body);
        var result = home.Run(folder, "", "sire", "--batch", "bad.sire");
        Assert.Equal(
            expected.TrimEnd(), result.Error.Replace(folder + "/", "").TrimEnd());
        Assert.Equal(exitCode, result.ExitCode);
        Assert.DoesNotContain("   at ", result.Error);
    }

    [Fact]
    public void An_unclosed_bracket() => Check("= x (add 1\n", 1, """
        pallas: bad.sire:5:5: error: unterminated nest
            = x (add 1
                ^
        hint: close it with ) on the same line
        """);

    [Fact]
    public void An_unclosed_text() => Check("= x {abc\n", 1, """
        pallas: bad.sire:5:5: error: unterminated text
            = x {abc
                ^^^^
        hint: close it with } on the same line
        """);

    [Fact]
    public void A_name_that_nothing_binds() => Check("= x (mapp inc [1 2])\n", 1, """
        pallas: bad.sire:5:6: error: mapp is not bound
            = x (mapp inc [1 2])
                 ^^^^
        hint: did you mean map?
        """);

    [Fact]
    public void A_rune_that_nothing_binds() => Check("= x (3 <=> 4)\n", 1, """
        pallas: bad.sire:5:5: error: the rune <=> is not bound
            = x (3 <=> 4)
                ^^^^^^^^^
        """);

    [Theory]
    [InlineData("+", "use the function add: add a b")]
    [InlineData("!=", "inequality is /=: (a /= b)")]
    [InlineData("->", "a function is written (argument & body)")]
    public void A_rune_that_other_languages_have(string rune, string hint) =>
        Check($"= x (3 {rune} 4)\n", 1, $"""
        pallas: bad.sire:5:5: error: the rune {rune} is not bound
            = x (3 {rune} 4)
                {new string('^', 6 + rune.Length)}
        hint: {hint}
        """);

    [Fact]
    public void A_word_that_other_languages_have() => Check("let x 3\n", 1, """
        pallas: bad.sire:5:1: error: let is not bound
            let x 3
            ^^^
        hint: a definition is written = (name argument) body
        """);

    [Fact]
    public void A_function_that_other_libraries_have() => Check("= x (reverse [1 2])\n", 1, """
        pallas: bad.sire:5:6: error: reverse is not bound
            = x (reverse [1 2])
                 ^^^^^^^
        hint: use rev for rows, listRev for lists
        """);

    [Fact]
    public void A_file_that_imports_nothing() => CheckWhole("#### bad\n\n= x (add 1 2)\n", """
        pallas: bad.sire:3:6: error: add is not bound
            = x (add 1 2)
                 ^^^
        hint: the library is imported by :| prelude
        """);

    [Fact]
    public void A_case_that_stands_twice() =>
        Check("= (f x)\n# switch x\n* 1 | 4\n* 1 | 5\n", 1, """
        pallas: bad.sire:8:3: error: this key occurs twice
            * 1 | 5
              ^
        """);

    [Fact]
    public void An_operator_without_brackets() => Check("3 == 4\n", 1, """
        pallas: bad.sire:5:3: error: == stands between two operands, in brackets: (a == b)
            3 == 4
              ^^^^
        """);

    [Fact]
    public void A_definition_right_below_another_one() =>
        Check("= (f x)\n| inc x\n= (g x)\n| inc x\n", 1, """
        pallas: bad.sire:7:1: error: a command is inside another form
            = (g x)
            ^^^^^^^
        hint: an empty line ends the form before it
        """);

    [Fact]
    public void A_definition_with_too_many_parts() => Check("= x 3 4\n", 1, """
        pallas: bad.sire:5:5: error: = takes a name and a value, but here are three parts
            = x 3 4
                ^
        """);

    [Fact]
    public void A_number_with_a_point() => Check("= x 3.14\n", 1, """
        pallas: bad.sire:5:5: error: there is no module 3
            = x 3.14
                ^^^^
        hint: numbers are whole; fractions are in the module ratio
        """);

    [Fact]
    public void A_comment_of_another_language() => Check("# a comment\n", 1, """
        pallas: bad.sire:5:1: error: there is no command #a; a comment begins with a semicolon
            # a comment
            ^^^^^^^^^^^
        """);

    [Fact]
    public void A_row_with_commas() => Check("= x [1, 2]\n", 1, """
        pallas: bad.sire:5:7: error: a lone rune inside brackets
            = x [1, 2]
                  ^
        hint: write the items side by side: [a b]
        """);

    [Fact]
    public void A_bracket_that_is_closed_by_another_one() => Check("= x [1 2)\n", 1, """
        pallas: bad.sire:5:9: error: unexpected )
            = x [1 2)
                    ^
        hint: the open bracket is closed by ]
        pallas: bad.sire:5:5: error: unterminated nest
            = x [1 2)
                ^
        hint: close it with ] on the same line
        """);

    [Fact]
    public void A_byte_order_mark() => CheckWhole("\uFEFF#### bad\n", """
        pallas: bad.sire:1:1: error: unexpected byte order mark
            \uFEFF#### bad
            ^
        hint: save the file without it
        """.Replace("\\uFEFF", "\uFEFF"));

    [Fact]
    public void A_form_with_too_few_parts() => Check("= x\n", 1, """
        pallas: bad.sire:5:1: error: Expected = name value
            = x
            ^^^
        """);

    [Fact]
    public void An_assertion_that_fails_shows_both_sides() =>
        Check("=?= [1 5] | [1 (add 2 2)]\n", 1, """
        pallas: bad.sire:5:1: error: assertion failed: the two sides differ
            =?= [1 5] | [1 (add 2 2)]
            ^^^^^^^^^^^^^^^^^^^^^^^^^
            left:  [1 5]
            right: [1 4]
        """);

    [Fact]
    public void A_macro_that_answers_with_an_error() =>
        Check("= ({<=>} st rex err ok) | err rex {not like that}\n\n= x (3 <=> 4)\n", 1, """
        pallas: bad.sire:7:5: error: not like that
            = x (3 <=> 4)
                ^^^^^^^^^
        """);

    [Fact]
    public void A_macro_that_crashes() =>
        Check("= ({<=>} st rex err ok) | die {boo}\n\n= x (3 <=> 4)\n", 2, """
        pallas: bad.sire:7:5: error: the macro <=> crashed: die was applied to a value
            = x (3 <=> 4)
                ^^^^^^^^^
            %boo
        """);

    [Fact]
    public void A_macro_that_answers_nonsense() =>
        Check("= ({<=>} st rex err ok) | 7\n\n= x (3 <=> 4)\n", 1, """
        pallas: bad.sire:7:5: error: the reply of the macro <=> is not a row of three: 7
            = x (3 <=> 4)
                ^^^^^^^^^
        hint: a macro receives a state, a form and two functions, and calls one of the functions
        """);

    [Fact]
    public void A_program_that_crashes_while_it_loads() => Check("= x | die {oops}\n", 2, """
        pallas: bad.sire:5:1: error: crash: die was applied to a value
            = x | die {oops}
            ^^^^^^^^^^^^^^^^
            %oops
        """);

    [Fact]
    public void A_recursion_without_end()
    {
        var folder = home.FolderWith(
            "bad.sire", "#### bad <- prelude\n\n:| prelude\n\n= (f x) | inc | f x\n\n= x | f 3\n");
        var result = home.Run(folder, "", "sire", "--batch", "bad.sire");
        Assert.Contains("bad.sire:7:1: error: the evaluation did not end", result.Error);
        Assert.Equal(3, result.ExitCode);
    }

    [Fact]
    public void A_module_that_is_nowhere() => Check(":| nowhere\n", 1, """
        pallas: bad.sire:5:1: error: there is no module nowhere
            :| nowhere
            ^^^^^^^^^^
        hint: modules are looked for beside the file and in the library folders
        """);

    [Fact]
    public void A_predecessor_that_is_nowhere_is_a_warning()
    {
        var folder = home.FolderWith("alone.sire", "#### alone <- nowhere\n\n= x 3\n");
        var result = home.Run(folder, "", "sire", "--batch", "alone.sire");
        Assert.Equal(
            "pallas: alone.sire: warning: there is no module nowhere to stand on; "
                + "the file is loaded with its imports alone\n",
            result.Error.Replace(folder + "/", ""));
        Assert.Equal((0, "x=3\n\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public void A_file_without_a_header() => CheckWhole("= x 3\n", """
        pallas: bad.sire:1:1: error: a file must begin with a module declaration
            = x 3
            ^^^^^
        hint: write it like #### name, or #### name <- predecessor
        """);

    [Fact]
    public void An_empty_file() => CheckWhole("", """
        pallas: bad.sire: error: the file is empty; it must begin with a module declaration
        hint: write it like #### name, or #### name <- predecessor
        """);

    [Fact]
    public void A_file_that_is_not_utf8()
    {
        var folder = home.FolderWith("bad.sire", "");
        byte[] bytes = [.. "#### bad\n\n= x {"u8, 0xE9, .. "}\n"u8];
        File.WriteAllBytes(Path.Combine(folder, "bad.sire"), bytes);
        var result = home.Run(folder, "", "sire", "--batch", "bad.sire");
        Assert.Equal("""
            pallas: FOLDER/bad.sire:3:6: error: the byte e9 is not UTF-8 here
            hint: save the file as UTF-8
            """, CliHome.Normal(result.Error, folder));
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public void Modules_in_a_circle()
    {
        var folder = home.FolderWith("one.sire", "#### one <- two\n");
        File.WriteAllText(Path.Combine(folder, "two.sire"), "#### two <- one\n");
        var result = home.Run(folder, "", "sire", "--batch", "one.sire");
        Assert.Equal("""
            pallas: FOLDER/two.sire: error: modules depend on each other in a circle:
            one needs two needs one
            hint: put what both need into a third module; a file hides a library module of its name
            """, CliHome.Normal(result.Error.Replace(": one", ":\none"), folder));
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public void A_block_in_error_ends_a_script_of_the_prompt()
    {
        var result = home.Run(home.NewFolder(), "add 2 3\n\nmapp 1\n\nadd 4 5\n", "sire");
        Assert.Equal("5", result.Output.Trim());
        Assert.StartsWith("REPL:3:1: error: mapp is not bound", result.Error);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(2, home.Run(home.NewFolder(), "die 3\n", "sire").ExitCode);
    }

    private void CheckWhole(string text, string expected)
    {
        var folder = home.FolderWith("bad.sire", text);
        var result = home.Run(folder, "", "sire", "--batch", "bad.sire");
        Assert.Equal(expected, result.Error.Replace(folder + "/", "").TrimEnd());
        Assert.Equal(1, result.ExitCode);
    }
}

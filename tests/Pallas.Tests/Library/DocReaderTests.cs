using Pallas.Sire.Docs;
using Xunit;

namespace Pallas.Tests.Library;

/// <summary>Comments and definitions, read from the source of a module.</summary>
public sealed class DocReaderTests
{
    private const string Source = """
        #### sample <- before

        ;;;; A title
        ;;;;
        ;;;; It says its purpose.

        :| before

        first=1


        ;;; A heading.  More about
        ;;; the section.

        ;; Both of them.
        ;;
        ;;     twice 2 == 4
        ;;     some code
        = (_Twice num) | add num num
        = (**thrice num)
        | add num
        | add num num

        = (one a) | a
        ;; Only this one.
        = (last [a b]) | a

        twice=_Twice

        ;; A pair.
        # record (Two a)
        | TWO left:a right:a

        ;; Either.
        # datatype Choice
        * HERE
        * THERE=t where:Nat

        ;; A macro.
        = ({#swap} st rex err ok)
        | ok st rex

        =?= 4 | twice 2
        """;

    private static readonly ModuleDoc Module = DocReader.Read(Source)!;

    private static DocEntry Find(string name) => Assert.Single(new DocIndex([Module]).Find(name));

    private static string[] Signatures(string name) =>
        [.. Find(name).Shown.Select(shown => shown.Signature)];

    [Fact]
    public void A_module_has_a_title_a_text_and_sections()
    {
        Assert.Equal(
            ("sample", "before", "A title"), (Module.Name, Module.Predecessor, Module.Title));
        Assert.Equal(["It says its purpose."], Module.Text);
        Assert.Equal([null, "A heading"], Module.Sections.Select(section => section.Heading));
        Assert.Equal(["More about", "the section."], Module.Sections[1].Text);
    }

    [Fact]
    public void A_comment_describes_all_definitions_below_it_up_to_an_empty_line()
    {
        Assert.Same(Find("twice"), Find("thrice"));
        Assert.NotSame(Find("twice"), Find("last"));
        Assert.Equal(["Only this one."], Find("last").Text);
        Assert.False(Find("first").HasText);
    }

    [Fact]
    public void Arguments_are_those_of_the_definition()
    {
        Assert.Equal(["(twice num)", "(thrice num)"], Signatures("thrice"));
        Assert.Equal(["(last [a b])"], Signatures("last"));
    }

    [Fact]
    public void An_alias_of_a_law_shares_its_comment()
    {
        Assert.Same(Find("_Twice"), Find("twice"));
        Assert.Equal(
            DocNameKind.Law, Find("twice").Names.Single(name => name.Name == "_Twice").Kind);
    }

    [Fact]
    public void An_indented_line_with_two_equals_signs_is_an_example()
    {
        Assert.Equal(new DocExample("twice 2", "4", 17), Assert.Single(Find("twice").Examples));
        Assert.Equal(["Both of them.", "", "    some code"], Find("twice").Text);
    }

    [Theory]
    [InlineData("    (1 == 1) == 1", "(1 == 1)", "1")]
    [InlineData("    f { == ( } == {)}", "f { == ( }", "{)}")]
    [InlineData("    [(a == b) c] == x == y", "[(a == b) c]", "x == y")]
    public void Only_an_equals_sign_outside_brackets_separates(
        string line, string expression, string value) =>
        Assert.Equal(new DocExample(expression, value, 1), DocExample.Read(line, 1));

    [Fact]
    public void Records_and_datatypes_bind_constructors_and_access()
    {
        Assert.Equal(["(Two a)", "(TWO left right)"], Signatures("TWO"));
        Assert.Same(Find("TWO"), Find("modRight"));
        Assert.Equal(["Choice", "HERE", "(THERE where)"], Signatures("HERE"));
    }

    [Fact]
    public void The_macro_of_a_rune_is_found_with_and_without_its_sign()
    {
        Assert.Equal(["#swap"], Signatures("swap"));
        Assert.Same(Find("swap"), Find("#swap"));
    }

    [Fact]
    public void An_unknown_name_gets_the_nearest() =>
        Assert.Equal("did you mean thrice?", new DocIndex([Module]).Hint("thrise"));

    [Fact]
    public void A_search_finds_names_before_texts()
    {
        var found = new DocIndex([Module]).Search("s").Select(entry => entry.Names[0].Name);
        Assert.Equal(["first", "last", "Two"], found.Take(3));
        Assert.Empty(new DocIndex([Module]).Search("nowhere"));
    }

    [Fact]
    public void An_entry_reads_well_in_a_terminal() =>
        Assert.Equal(
            """
            twice  (sample, line 28)

                (twice num)
                (thrice num)

            Both of them.

                some code

            Law: _Twice

                twice 2 == 4

            """,
            DocText.Entry(Find("twice"), "twice"));

    [Fact]
    public void A_page_shows_code_as_code_and_keeps_markup_out_of_prose()
    {
        var module = DocReader.Read(
            "#### m\n\n;; From *a* to `b_c`:\n;;\n;;     x_y\n= (f a) | a\n")!;
        Assert.EndsWith(
            """

            ### `f`

            ```sire
            (f a)
            ```

            From \*a\* to `b_c`:

            ```
            x_y
            ```

            """,
            DocPage.Module(module, "m.sire"));
    }

    [Fact]
    public void A_text_that_is_no_module_has_no_documentation() =>
        Assert.Null(DocReader.Read("= (f x) | x"));
}

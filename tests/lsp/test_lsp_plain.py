"""Markdown as plain text."""

import pytest

from modelspec_ls.lsp.plain import plain_text


@pytest.mark.parametrize(
    "markdown, plain",
    [
        ("**Required.** A `name` of _at most_ 63 *letters*.", "Required. A name of at most 63 letters."),
        ("snake_case_name and 2 * 3 * 4 and `**kept**`", "snake_case_name and 2 * 3 * 4 and **kept**"),
        ("# Title\n\ntext\n\n---\n\nmore", "Title\n\ntext\n\nmore"),
        ("[the docs](https://x.y/z) and <https://a.b>", "the docs (https://x.y/z) and <https://a.b>"),
        ("see\n```yaml\nspec:\n  a: `b`\n```\nend", "see\n    spec:\n      a: `b`\nend"),
        ("| a | long name |\n|---|:---:|\n| `x` | **y** |\n\nend", "a  long name\nx  y\n\nend"),
        ("- one\n- two", "- one\n- two"),
        (r"\*not\* \_this\_", "*not* _this_"),
        ("", ""),
    ],
)
def test_plain_text(markdown, plain):
    assert plain_text(markdown) == plain

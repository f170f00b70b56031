"""Parsing never fails, and what it returns holds together: for any text, and for the examples after any edit."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelspec_ls.core.text import TextEdit, apply_edits
from modelspec_ls.syntax.data import to_data
from modelspec_ls.syntax.lookup import walk
from modelspec_ls.syntax.parse import parse
from support.trees import check

EXAMPLES = [p.read_text("utf-8") for p in sorted((Path(__file__).parents[2] / "examples").rglob("*.yaml"))]
YAML = [
    "a: ", "b:", "key", "- ", "-", "\n", "\n  ", "\n    ", "  ", "\r\n", "\t", "? ", ": ", ":", ",", "[", "]", "{", "}",
    "'", '"', "#", " # ", "&x ", "*x", "!t ", "!!str ", "|\n", ">-\n", "%", "@", "`", "---\n", "...\n", "<<: *x\n",
    "{{ x }}", "<<<<<<< HEAD\n", "=======\n", ">>>>>>> x\n", "\ufeff", "\x00", "\U0001f680", "\u2028", "1",
    "é", "\\", "\ud800",
]  # fmt: skip
soup = st.lists(st.sampled_from(YAML), max_size=40).map("".join)
# Surrogates on their own are no Unicode text, but a client may send them.
anything = st.text(st.characters(exclude_categories=()), max_size=60)


@st.composite
def edited_examples(draw) -> str:
    text = draw(st.sampled_from(EXAMPLES))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(start + draw(st.sampled_from([0, 0, 1, 2, 10, 80])), len(text))
        new = draw(st.one_of(st.sampled_from(YAML), st.text(max_size=3), st.just("")))
        text = text[:start] + new + text[end:]
    return text


@given(st.one_of(anything, soup), st.booleans())
@settings(max_examples=400)
def test_any_text(text, json):
    check(parse(text, json=json))


@given(edited_examples())
@settings(max_examples=200)
def test_edited_examples(text):
    check(parse(text))


@given(edited_examples())
@settings(max_examples=60)
def test_a_fix_does_no_harm(text):
    """A fix never makes more problems."""
    tree = parse(text)
    for problem in tree.problems[:2]:
        if problem.fix_title:
            fixed = parse(apply_edits(text, [TextEdit(problem.fix_span, problem.fix_text)]))
            assert len(fixed.problems) <= len(tree.problems)


@pytest.mark.parametrize("text", EXAMPLES)
@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_line_ends_do_not_matter(text, line_end):
    one, other = parse(text), parse(text.replace("\n", line_end))
    assert [to_data(d.root).value for d in one.documents] == [to_data(d.root).value for d in other.documents]
    assert len(one.problems) == len(other.problems)
    assert [p for d in one.documents for p, _, _ in walk(d)] == [p for d in other.documents for p, _, _ in walk(d)]

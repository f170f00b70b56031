"""The usual block style read line by line gives the very tree that the parser gives."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modelspec_ls.syntax.block import read_block
from modelspec_ls.syntax.build import _read_part, build_from_events

ROOT = Path(__file__).parents[2]
SUITE = json.loads((ROOT / "tests" / "fixtures" / "yaml-test-suite.json").read_text("utf-8"))["cases"]
SPECS = sorted((ROOT / "examples").rglob("*.modelspec.yaml"))


def same(text: str) -> bool:
    """Whether the text was read line by line; then the trees must be equal, and the parser must take it too."""
    quick = read_block(text, _read_part)
    if quick is None:
        return False
    built = build_from_events(text)
    assert built.fault is None
    # Equality of tuples takes a mapping for a sequence; their texts differ.
    assert repr(quick) == repr(built.documents)
    return True


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_examples_are_read_line_by_line(path):
    text = path.read_bytes().decode()
    built = build_from_events(text)
    for form in (text, text.replace("\n", "\r\n"), text.rstrip("\n"), "---\n" + text, text + "---\n" + text):
        assert same(form) == (built.fault is None and not re.search(r"[&*]\w", text))


def test_cases_of_the_suite():
    read = sum(same(text) for _, text, _ in SUITE if "\t" not in text and "\ufeff" not in text)
    assert read > 40


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\nb: two words\nc: 'it'\nd: \"it\"\n",
        "a:\n  b:\n    c: 1\n  d:\ne:\n",
        "a:\n- 1\n- b: 2\n  c: 3\nd: 4\n",
        "a:\n  - b:\n      - c\n    d: 1\n  - - 1\n    - 2\n",
        "a: http://x/y:z#w # note\nb: -5\nc: it's\n",
        "a: [1, 2]\nb: {c: d}\ne: |\n  text\n\n# note\nf: >-\n  more\n  text\n",
        "a:\n  - [1]\n  -\n    b: 1\n  - c: [x]\n    d: 1\n",
        "'a b': 1\n? c\n: d\n",
        "a:\n  'x': 1\n  y: 2\n",
        "---\na: 1\n---\nb: 2\n",
        "# note\n---\na: 1\n",
        "a:   1   \nb:\n\n\n  c: 2\n   # note\n",
        "a: &x 1\nb: *x\n",
        "a: b\n  c\n",
        "a: b\n  c: d\n",
        " a: 1\nb: 2\n",
        "a: 1\n b: 2\n",
        "- a\nb: 1\n",
        "a: b: c\n",
        'a: "b" c\n',
        "a: b:\n",
        "a:1\n",
        "",
        "# only\n",
        "---\n---\na: 1\n",
        "a: 1\n...\n",
        "%YAML 1.2\n---\na: 1\n",
        "- \n- a\n",
        "a:\n  -  b: 1\n     c: 2\n",
        "é: ü\nb: 🚀 x\n",
        "a: !!str 1\n",
        "a: - b\n",
        "a: [\n  b\n]\n",
        "- - - a\n",
    ],
)
def test_shapes(text):
    same(text)


LINES = st.sampled_from(
    ["a: 1", "b:", "- c", "- d: 2", "  e: x y", "  - f", "    g: 'h'", "", "# i", "  # j", "k: [l, m]", "n: |", "  o",
     "-", "- - p", 'q: "r" # s', "t: u:v", "  w:", "---", "x: {y: z}", "'a b': c", "a : b", "    - - q: 1", "? r",
     "d: - e",     "f: g #h", "i: #j", "      k: l", "- [m]", "- |", "   n", "...", "o: >+", "é: ü"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r\n"]), st.booleans())
@example(["n: |", "  o", "", "# i", "a: 1"], "\n", True)
def test_any_lines(lines, end, last):
    same(end.join(lines) + (end if last else ""))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_edited_specs(data):
    text = data.draw(st.sampled_from(SPECS)).read_bytes().decode()
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 6))
    new = data.draw(st.text(alphabet="ab: -#\n'\"[]{},|>&*!?%@`\\.x1 ", max_size=6))
    same(text[:at] + new + text[at + cut :])

"""Accidents on a key that holds lines, wrong colons, odd spaces, safety of fixes, JSON, foreign documents."""

from __future__ import annotations

import random

import pytest
from test_repair import FULL, kept, keys

from modelspec_ls.core.finding import Applicability
from modelspec_ls.core.text import LineIndex, Span, TextEdit, apply_edits
from modelspec_ls.syntax.nodes import Repair, Taint, Tree
from modelspec_ls.syntax.parse import parse
from support.specs import MINIMAL, diagnose

HEADERS = {
    "template": ("  runtime:", "  runtime: {{ .Values.x }}"),
    "tab at the margin": ("spec:", "\tspec:"),
    "tab after spaces": ("  runtime:", "  \truntime:"),
    "alias": ("metadata:", "metadata: *example"),
    "no alias": ("metadata:", "metadata: *.example"),
    "at": ("    model:", "    model: @x"),
    "backtick": ("    model:", "    model: `x`"),
    "second colon": ("    batch:", "    batch: a: b"),
    "open brace": ("  runtime:", "  runtime: {a: b,"),
    "open quote": ("  runtime:", '  runtime: "abc'),
}
WRONG_COLONS = {
    "semicolon": ("      count: 4", "      count; 4"),
    "equals": ("      memoryGb: 256", "      memoryGb= 256"),
    "glued equals": ("      vendor: nvidia", "      vendor=nvidia"),
    "item": ("        - name: redact-pii", "        - name redact-pii"),
}
SPACES = {
    "indentation": ("      memoryGb: 256", "    \xa0\xa0memoryGb: 256"),
    "after the colon": ("      memoryGb: 256", "      memoryGb:\xa0256"),
    "before the colon": ("      memoryGb: 256", "      memoryGb\u3000: 256"),
    "zero width": ("      memoryGb: 256", "      \u200bmemoryGb: 256"),
    "after the dash": ("        - name: redact-pii", "        -\xa0name: redact-pii"),
}
CASES = {**HEADERS, **WRONG_COLONS, **SPACES}


def swap(name: str) -> tuple[str, int]:
    old, new = (f"\n{line}\n" for line in CASES[name])
    assert FULL.count(old) == 1
    return FULL.replace(old, new), FULL.count("\n", 0, FULL.index(old) + 1)


@pytest.mark.parametrize("name", CASES)
def test_one_finding_on_the_line_and_every_key_in_place(name):
    text, line = swap(name)
    (found,) = diagnose(text)
    assert LineIndex(text).line_of(found.span.start) == line
    assert keys(parse(text)) == keys(parse(FULL))
    assert all(fix.applicability is Applicability.SUGGEST for fix in found.fixes)


@pytest.mark.parametrize("name", [*WRONG_COLONS, *SPACES])
def test_fix(name):
    text, _ = swap(name)
    (problem,) = parse(text).problems
    fixed = apply_edits(text, [TextEdit(problem.fix_span, problem.fix_text)])
    assert parse(fixed).problems == ()
    assert keys(parse(fixed)) == keys(parse(FULL))


def test_half_typed_section_keeps_its_lines():
    text = FULL.replace("\n  runtime:\n", "\n  run\n")
    (found,) = diagnose(text)
    assert "`run` has no colon" in found.message
    have, count = kept(parse(FULL), parse(text))
    assert have == count - 1


def test_odd_space_is_named():
    (problem,) = parse("a: 1\n\xa0b: 2\n").problems[:1]
    assert "no-break space (U+00A0)" in problem.message


def test_odd_spaces_in_text_are_left_alone():
    for text in ("a: x\xa0y\n", "a: |\n  x\n  \xa0key: y\n", 'a: "x\xa0: y"\n', "# a\xa0:\xa0b\n"):
        assert parse(text).problems == ()


def test_many_odd_spaces_are_one_problem():
    text = "a:\n" + "".join(f"\xa0\xa0k{i}:\xa0{i}\n# why\n" for i in range(9))
    (problem,) = parse(text).problems
    fixed = apply_edits(text, [TextEdit(problem.fix_span, problem.fix_text)])
    assert fixed == text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a: 1\nb:x\nc: 1\n", True),
        ("a:\n  - x\n  -y\n  - z\n", True),
        ('a: "x\nb: 1\n', True),
        ('a: "x # why\nb: 1\n', False),
        ("a: @x\nb: 1\n", True),
        ("s:\n  a: 1\n   b: 1\n  c: 1\n", True),
        ("s:\n  a: 1\n\tb: 1\n  c: 1\n", True),
        ("s:\n  a: 1\n\tb: 1\nc: 1\n", False),
        ("s:\n  a:\n    x: 1\n   b:\n    y: 1\n", False),
        ("a: 1\nb\nc: 1\n", False),
        ("a: [1, 2\nb: 1\n", False),
        ("<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x\n", False),
    ],
)
def test_safe(text, safe):
    assert parse(text).problems[0].safe == safe, parse(text).problems


@pytest.mark.parametrize(
    ("text", "says", "where", "fixed"),
    [
        ('{"a": 1,}', "Delete the comma", ",", '{"a": 1}'),
        ("[1,\n]", "Delete the comma", ",", "[1\n]"),
        ('{"a": 1 // x\n}', "no comments", "// x", None),
        ("{'a': 1}", "double quotes", "'", '{"a": 1}'),
        ('{"NaN": [1, NaN]}', "`NaN` is not JSON", "NaN", None),
        ('{"a": -Infinity}', "`-Infinity` is not JSON", "-Infinity", None),
    ],
)
def test_json(text, says, where, fixed):
    (problem,) = parse(text, json=True).problems
    assert says in problem.message
    assert text[slice(*problem.span)] == where
    assert bool(problem.fix_title) == (fixed is not None)
    if fixed is not None:
        assert apply_edits(text, [TextEdit(problem.fix_span, problem.fix_text)]) == fixed


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[" * 10_000, "x.modelspec.yaml"),
        ("{a: " * 10_000, "x.modelspec.yaml"),
        ("[" * 10_000, "x.modelspec.json"),
        ('{"a": ' * 10_000, "x.modelspec.json"),
        ("", "x.modelspec.json"),
    ],
)
def test_one_finding_for_all(text, name):
    (found,) = diagnose(text, name)
    assert found.code == "MS001"


@pytest.mark.parametrize("line", ["a: [", "a: @x", "a: *gone", "a: !mine x", "a:b"])
def test_foreign_documents_are_left_alone(line):
    foreign = f"---\napiVersion: v1\nkind: ConfigMap\ndata:\n  {line}\n"
    for text in (MINIMAL + foreign, f"{foreign}---\n{MINIMAL}"):
        assert [d.code for d in diagnose(text) if d.code != "MS004"] == []
    assert "MS001" in {d.code for d in diagnose(f"{MINIMAL}  {line}\n")}


def test_taint_is_what_a_look_at_each_repair_says():
    rng = random.Random(1)
    for _ in range(300):
        spans = [Span(a, a + rng.randint(0, 4)) for a in (rng.randint(0, 30) for _ in range(rng.randint(0, 5)))]
        repairs = tuple(Repair(s, rng.random() < 0.5) for s in spans)
        tree = Tree("", (), (), repairs, json=False, taint=Taint.of(repairs))
        at = rng.randint(0, 30)
        span = Span(at, at + rng.randint(0, 4))
        assert tree.tainted(span) == any(span.overlaps(r.span) for r in repairs)
        touching = [r for r in repairs if r.span.start <= span.end and span.start <= r.span.end]
        assert tree.lost_in(span) == any(r.dropped for r in touching)

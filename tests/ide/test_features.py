"""Hover, outline, folding, selection, highlights, links, formatting, typing."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from ide_case import URI, Case, example_texts

from modelspec_ls.analysis import check_document
from modelspec_ls.core.text import Span, apply_edits
from modelspec_ls.ide.code_actions import code_actions, fix_all
from modelspec_ls.ide.formatting import format_document
from modelspec_ls.ide.hover import hover
from modelspec_ls.ide.links import document_links
from modelspec_ls.ide.memory import code_lenses, inlay_hints
from modelspec_ls.ide.memory_request import memory_fit
from modelspec_ls.ide.on_type import on_dash, on_newline
from modelspec_ls.ide.structure import folds, highlights, selection
from modelspec_ls.ide.symbols import document_symbols
from modelspec_ls.syntax.data import to_data
from modelspec_ls.syntax.lookup import walk
from modelspec_ls.syntax.parse import parse
from modelspec_ls.workspace.document import Document

SPEC = "kind: ModelSpec\nspec:\n"
TEXTS = example_texts()
NAMES = [name for name, _ in TEXTS]


def hovered(text: str, *others: Document) -> str:
    case = Case(text, URI, *others)
    found = hover(case.snapshot, URI, case.offset)
    return found.markdown if found else ""


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (SPEC + "  run<|>time: {}\n", "**spec.runtime** — section, required"),
        (SPEC + "  operations:\n    serving:\n      po<|>rt: 8000\n", "whole number, 1 to 65535"),
        (SPEC + "  operations:\n    scaling:\n      strategy: rea<|>ctive\n", "**reactive** —"),
        (SPEC + "  identity:\n    model:\n      framework: vl<|>lm\n", "Port: `8000`"),
        (SPEC + "  runtime:\n    accelerator:\n      count: ze<|>ro\n", "error **MS103**"),
        (SPEC + "  identity: {model: {artifacts: {modelUri: hf://<|>a/b}}}\n", "Pinned by"),
        (SPEC + "  pipeline: {dependencies: [{id: x, specRef: ./no<|>.yaml}]}\n", "No spec is known"),
        ("metadata:\n  nam<|>e: a\n", "**metadata.name**"),
    ],
)
def test_hover(text, part):
    assert part in hovered(text)


@pytest.mark.parametrize("text", ["kind: Service\nspec:\n  run<|>time: 1\n", "# com<|>ment\nkind: ModelSpec\n", "<|>"])
def test_no_hover(text):
    assert hovered(text) == ""


def test_hover_on_a_reference_shows_the_other_spec():
    other = Document("file:///specs/e.modelspec.yaml", "kind: ModelSpec\nmetadata: {name: embedder}\n")
    assert "**embedder**" in hovered(
        SPEC + "  pipeline: {dependencies: [{id: x, specRef: ./e.<|>modelspec.yaml}]}\n", other
    )


@pytest.mark.parametrize(("name", "text"), TEXTS, ids=NAMES)
def test_every_key_and_vocabulary_value_of_the_examples_has_a_hover(name, text):
    case = Case(text)
    for path, _node, pair in walk(case.document.tree.documents[0]):
        if pair is not None and "annotations" not in path[:-1] and "labels" not in path[:-1]:
            assert hover(case.snapshot, URI, pair.key.start), (name, path)


def test_outline():
    case = Case("kind: ModelSpec\nmetadata:\n  name: chat\nspec:\n  pipeline:\n    dependencies:\n      - id: a\n")
    found = document_symbols(case.snapshot, URI)
    assert [(s.name, s.detail) for s in found] == [("kind", "ModelSpec"), ("metadata", "chat"), ("spec", "")]
    item = found[2].children[0].children[0].children[0]
    assert (item.name, item.kind) == ("a", "item")


def test_outline_of_a_stream_names_its_documents():
    case = Case("kind: ModelSpec\nmetadata: {name: a}\n---\nkind: ModelSpec\nmetadata: {name: b}\n")
    assert [s.name for s in document_symbols(case.snapshot, URI)] == ["a", "b"]


def test_folds():
    case = Case("# one\n# two\nspec:\n  a:\n    b: 1\n    c: |\n      x\n      y\nkind: ModelSpec\n")
    lines = {(f.start_line, f.end_line, f.comment) for f in folds(case.snapshot, URI)}
    assert {(0, 1, True), (2, 7, False), (3, 7, False), (5, 7, False)} <= lines


@pytest.mark.parametrize(("name", "text"), TEXTS, ids=NAMES)
def test_selection_grows(name, text):
    case = Case(text)
    for offset in range(0, len(text), 97):
        spans = selection(case.snapshot, URI, offset)
        for inner, outer in pairwise(spans):
            assert outer.start <= inner.start and inner.end <= outer.end and inner != outer


def test_highlights():
    case = Case("kind: ModelSpec\na: &x<|>y\n  q: 1\nb: *xy\n")
    assert [case.text[s.start : s.end] for s in highlights(case.snapshot, URI, case.offset)] == ["&xy", "*xy"]


def test_links():
    case = Case(
        SPEC
        + "  identity: {model: {artifacts: {modelUri: 'hf://org/name@abc'}}}\n"
        + "  pipeline: {dependencies: [{specRef: ./a b.yaml}, {specRef: 'git://x/y'}]}\n"
    )
    targets = [link.target for link in document_links(case.snapshot, URI)]
    assert targets == ["https://huggingface.co/org/name/tree/abc", "file:///specs/a%20b.yaml"]


def formatted(text: str, **options) -> str:
    case = Case(text)
    return apply_edits(text, format_document(case.snapshot, URI, **options))


def test_formatting():
    before = (
        "kind:   ModelSpec   \n\n\n# head\nmetadata:\n    name: x   # aligned\n    labels: {a: b,\n      c: d}\n"
        "    description: |\n        text\n          more\n\n    # about spec\nspec:\n    pipeline:\n"
        "        dependencies:\n"
        "        -   id: a\n            role:   input\n        # second\n        - id: 'b'\n\n\n"
    )
    after = (
        "kind: ModelSpec\n\n# head\nmetadata:\n  name: x   # aligned\n  labels: {a: b,\n    c: d}\n"
        "  description: |\n      text\n        more\n\n  # about spec\nspec:\n  pipeline:\n    dependencies:\n"
        "      - id: a\n        role: input\n      # second\n      - id: 'b'\n"
    )
    assert formatted(before) == after
    assert formatted(after) == after


def test_range_formatting_touches_its_lines_only():
    text = "kind:  ModelSpec\nmetadata:\n  name:   a\n"
    assert formatted(text, lines=(2, 2)) == "kind:  ModelSpec\nmetadata:\n  name: a\n"


@pytest.mark.parametrize("broken", ["a: [1\n", "kind: ModelSpec\nspec:\n\tx: 1\n", "a: 'b\n"])
def test_broken_text_is_not_formatted(broken):
    assert formatted(broken) == broken


@pytest.mark.parametrize(("name", "text"), TEXTS, ids=NAMES)
def test_examples_are_formatted(name, text):
    assert formatted(text) == text


@pytest.mark.parametrize("seed", range(40))
def test_formatting_keeps_the_meaning_and_is_stable(seed):
    """On examples with their white space shaken: same value, same comments, second run changes nothing."""
    rng = random.Random(seed)
    name, text = rng.choice(TEXTS)
    lines = text.split("\n")
    step = rng.choice((1, 2, 3, 4, 6))
    shaken = []
    for line in lines:
        body = line.lstrip(" ")
        shaken.append(" " * ((len(line) - len(body)) // 2 * step) + body + " " * rng.choice((0, 0, 3)))
        if not rng.randrange(8):
            shaken += [""] * rng.randrange(3)
    dirty = rng.choice(("\n", "\r\n")).join(shaken)
    if step == 1:
        dirty = dirty.replace("- ", "-  ")
    once = formatted(dirty)
    assert formatted(once) == once, name
    before, after = parse(dirty), parse(once)
    if before.problems:
        assert once == dirty
        return
    assert to_data(after.documents[0].root).value == to_data(before.documents[0].root).value
    assert once.count("#") == dirty.count("#")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("kind: ModelSpec\nspec:\n  runtime:\n<|>", "    "),
        ("kind: ModelSpec\nspec:\n  pipeline:\n    dependencies:\n<|>", "      - "),
        ("kind: ModelSpec\nspec:\n  runtime:\n<|>\n    batch: {}\n", "    "),
        ("kind: ModelSpec\nspec:\n  runtime: {}\n<|>", ""),
    ],
)
def test_enter(text, line):
    case = Case(text)
    changed = apply_edits(case.text, on_newline(case.snapshot, URI, case.offset))
    assert changed.split("\n")[case.text[: case.offset].count("\n")] == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("kind: ModelSpec\nspec:\n  pipeline:\n    dependencies:\n      - id: a\n     - <|>", "      - "),
        ("kind: ModelSpec\nspec:\n  pipeline:\n    dependencies:\n     - <|>", "      - "),
        ("kind: ModelSpec\nspec:\n  pipeline:\n    dependencies:\n      - <|>", "      - "),
        ("kind: ModelSpec\nspec:\n  pipeline:\n    dependencies:\n    - <|>", "    - "),
        ("kind: ModelSpec\nmetadata:\n  description: |\n    a\n   - <|>", "   - "),
    ],
)
def test_dash(text, line):
    case = Case(text)
    changed = apply_edits(case.text, on_dash(case.snapshot, URI, case.offset))
    assert changed.split("\n")[-1] == line


def test_enter_in_a_text_of_several_lines():
    case = Case("kind: ModelSpec\nmetadata:\n  description: >-\n    note:\n<|>")
    assert on_newline(case.snapshot, URI, case.offset) == ()
    case = Case("kind: ModelSpec\nmetadata:\n  name:\n<|>")
    assert on_newline(case.snapshot, URI, case.offset) == ()


def test_quick_fix():
    case = Case(SPEC + "  runtime:\n    accelerator:\n      vendor:nvi<|>dia\n      type: l4\n      count: 1\n")
    index = case.text.index("vendor")
    found = code_actions(case.snapshot, URI, case.document.tree.problems[0].span, source=True)
    assert [(a.title, a.kind) for a in found] == [
        ("Insert a space after the colon", "quickfix"),
        ("Fix everything that is safe to fix", "source.fixAll.modelspec"),
    ]
    assert apply_edits(case.text, found[0].edits)[index : index + 14] == "vendor: nvidia"


def test_fix_all():
    text = (
        "apiVersion: piqc.ai/v0.2\nkind: modelspec\nmetadata:\n  name: a\n  version: 1.10\nspec:\n  identity:\n"
        "    model: {id: a, famly: b, task: chat-completion, framework: vllm}\n  runtime:\n    accelerator:\n"
        "      vendor: nvidia\n      type: l4\n      count: '1'\n"
    )
    case = Case(text)
    fixed = apply_edits(text, fix_all(case.snapshot, URI))
    after = Case(fixed)
    assert not [d for d in check_document(after.snapshot, URI) if d.category in {"syntax", "schema"}]
    assert fix_all(after.snapshot, URI) == ()


PRODUCTION = next(text for name, text in TEXTS if name.startswith("08"))


def test_memory_lens():
    case = Case(PRODUCTION)
    lens = code_lenses(case.snapshot, URI)
    assert [case.text[x.span.start : x.span.end] for x in lens] == ["accelerator"]
    assert lens[0].title.startswith("Memory: fits, ") and "GiB per device" in lens[0].title


@pytest.mark.parametrize(
    ("change", "title"),
    [
        (("count: 4", "count: 2"), "Memory: "),
        (("count: 4", "count: 1"), "Memory: the weights do not fit"),
        (("id: llama-3.3-70b-instruct", "id: acme-model"), "Memory: fits"),
        (("h100-sxm-80gb", "acme-gpu"), "Memory fit: unknown"),
        (("      count: 4\n", "      count: many\n"), None),
    ],
)
def test_memory_lens_follows_the_text(change, title):
    case = Case(PRODUCTION.replace(*change))
    lens = code_lenses(case.snapshot, URI)
    assert (title is None and lens == ()) or lens[0].title.startswith(title or "")


def test_inlay_hints():
    case = Case(PRODUCTION)
    labels = [hint.label for hint in inlay_hints(case.snapshot, URI, Span(0, len(case.text)))]
    assert labels == ["meta-llama/Llama-3.3-70B-Instruct", "79.2 GiB", "2 B per parameter"]
    assert inlay_hints(case.snapshot, URI, Span(0, 10)) == ()


def test_memory_in_hover():
    markdown = hovered(PRODUCTION.replace("accelerator:", "accel<|>erator:", 1))
    assert "**Memory fit: fits**" in markdown and "| Weights |" in markdown


def test_memory_request_with_other_numbers():
    case = Case(PRODUCTION)
    found = memory_fit(case.snapshot, URI, {"count": 1, "batch": "many"})
    assert found is not None
    assert found["reports"][0]["verdict"] == "weights-exceed"
    assert found["reports"][0]["ignored"] == ["batch"]
    assert memory_fit(case.snapshot, URI, {})["reports"][0]["verdict"] == "fits"

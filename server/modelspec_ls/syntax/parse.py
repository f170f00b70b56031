"""``parse(text)``: always a tree, with every syntax problem that could be told apart."""

from __future__ import annotations

import json as json_module
from collections.abc import Mapping

from modelspec_ls.core.text import LineIndex, Span

from .build import DEPTH, build, scan
from .explain import explain, explain_constant, explain_json
from .lines import PatchedLines
from .nodes import NO_PATCHES, Document, Missing, Repair, SyntaxProblem, Taint, Tree
from .prepare import not_text, prepare
from .repair import choose, skip

MAX_ROUNDS = 16
"""Most repairs in one text."""

MAX_ROUNDS_LARGE = 8
"""The same for a text of more than ``LARGE`` lines, where each one costs milliseconds."""

LARGE = 2000

MAX_SKIPS = 4
"""When those are used up: documents of a stream whose rest may be skipped before the reading ends."""


def parse(text: str, *, json: bool = False, index: LineIndex | None = None) -> Tree:
    """Read YAML (or JSON) into a tree. Never raises, whatever the text holds.

    Args:
        text: the whole file, with its byte order mark and line ends as they are.
        json: judge the text as JSON; the tree is built the same way.
        index: the text's line index, if the caller has one.
    """
    index = index or LineIndex(text)
    if not_text(text):
        return _unreadable(text, json=json)
    patches, problems, repairs = prepare(index, json=json)
    patched = PatchedLines(index, patches)
    built = build(patched.text, patched.mapper, index.starts)
    rounds: list[SyntaxProblem] = []
    fault = built.fault
    attempts = 0
    most = MAX_ROUNDS if index.line_count <= LARGE else MAX_ROUNDS_LARGE
    while fault is not None:
        attempts += 1
        candidate = None
        if fault.context != DEPTH and attempts <= most + MAX_SKIPS:
            candidate = choose(patched, fault) if attempts <= most else None
            candidate = candidate or skip(patched, fault, document=attempts > most)
        problem = explain(patched, fault, candidate)
        if attempts <= most + 1 and all(problem.span != other.span for other in rounds):
            rounds.append(problem)
        if candidate is None:
            # A document that is cut by its depth is not judged at all: who nests like that has no fields missing.
            cut = built.documents[-1].start if fault.context == DEPTH else patched.to_original(fault.offset)
            repairs.append(Repair(Span(cut, len(text)), dropped=True))
            break
        first, last = min(candidate.patches), max(candidate.patches)
        repairs.append(Repair(Span(index.starts[first], index.line_span(last).end), candidate.dropped))
        patches = {**patches, **candidate.patches}
        patched = PatchedLines(index, patches)
        fault = scan(patched.text).fault
    if attempts:
        built = build(patched.text, patched.mapper, index.starts)
    if json:
        rounds = [] if problems else _json_verdict(text, rounds)
        if not text.removeprefix("\ufeff").strip():
            repairs.append(Repair(Span(0, len(text)), dropped=True))  # Nothing there is one mistake, not two.
    return _tree(text, built.documents, problems + rounds, repairs, json=json, patches=patches)


def _unreadable(text: str, *, json: bool) -> Tree:
    problem = SyntaxProblem(Span(0, 0), "This file is not text in UTF-8; it may be UTF-16 or binary. Save it as UTF-8.")
    document = Document(0, 0, len(text), Missing(0, 0), explicit=False)
    return _tree(text, (document,), [problem], [Repair(Span(0, len(text)), dropped=True)], json=json)


def _tree(
    text: str,
    documents: tuple[Document, ...],
    problems: list[SyntaxProblem],
    repairs: list[Repair],
    *,
    json: bool,
    patches: Mapping[int, str] = NO_PATCHES,
) -> Tree:
    return Tree(text, documents, tuple(sorted(problems)), tuple(repairs), json, patches, Taint.of(repairs))


def _json_verdict(text: str, found: list[SyntaxProblem]) -> list[SyntaxProblem]:
    """For JSON only a JSON parser's verdict counts; the YAML reading merely provides the tree."""
    constants: list[str] = []
    try:
        json_module.loads(text.removeprefix("\ufeff"), parse_constant=constants.append)
    except RecursionError:
        deep = [p for p in found if p.message.startswith("Too deep")]
        return deep[:1] or [explain_json(text, 0, "nested too deep")]
    except ValueError as error:
        at = getattr(error, "pos", 0) + text.startswith("\ufeff")
        return [explain_json(text, at, getattr(error, "msg", "cannot be read"))]
    if constants:
        return [explain_constant(text, constants[0])]
    return [p for p in found if p.message.startswith("Too deep")]

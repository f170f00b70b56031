"""``parse(text)``: always a tree, with every syntax problem that could be told apart."""

from __future__ import annotations

import json as json_module

from modelspec_ls.core.text import LineIndex, Span

from .build import build
from .explain import explain, explain_json
from .lines import PatchedLines
from .nodes import Repair, SyntaxProblem, Tree
from .prepare import prepare
from .repair import choose

MAX_ROUNDS = 8
"""Most repairs in one text; what is broken beyond that is read up to the last fault."""


def parse(text: str, *, json: bool = False, index: LineIndex | None = None) -> Tree:
    """Read YAML (or JSON) into a tree. Never raises, whatever the text holds.

    Args:
        text: the whole file, with its byte order mark and line ends as they are.
        json: judge the text as JSON; the tree is built the same way.
        index: the text's line index, if the caller has one.
    """
    index = index or LineIndex(text)
    patches, problems, repairs = prepare(index, json=json)
    patched = PatchedLines(index, patches)
    built = build(patched.text, patched.mapper)
    rounds: list[SyntaxProblem] = []
    attempts = 0
    while built.fault is not None:
        fault = built.fault
        attempts += 1
        if fault.context == "depth":
            at = patched.to_original(fault.offset)
            rounds.append(SyntaxProblem(Span(at, at + 1), f"Too deep to read: {fault.problem}. Flatten the structure."))
            repairs.append(Repair(Span(at, len(text)), dropped=True))
            break
        candidate = choose(patched, fault) if attempts <= MAX_ROUNDS else None
        problem = explain(patched, fault, candidate)
        if all(problem.span != other.span for other in rounds):
            rounds.append(problem)
        if candidate is None:
            repairs.append(Repair(Span(patched.to_original(fault.offset), len(text)), dropped=True))
            break
        span = index.line_span(candidate.line)
        repairs.append(Repair(span, dropped=candidate.kind == "drop"))
        if patches.get(candidate.line) == candidate.text:
            break
        patches = {**patches, candidate.line: candidate.text}
        patched = PatchedLines(index, patches)
        built = build(patched.text, patched.mapper)
    if json:
        rounds = _json_verdict(text, rounds)
    return Tree(text, built.documents, tuple(sorted(problems + rounds)), tuple(repairs), json)


def _json_verdict(text: str, found: list[SyntaxProblem]) -> list[SyntaxProblem]:
    """For JSON only a JSON parser's verdict counts; the YAML reading merely provides the tree."""
    try:
        json_module.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        at = getattr(error, "pos", 0) + text.startswith("\ufeff")
        return [explain_json(text, at, getattr(error, "msg", "nested too deep"))]
    return [p for p in found if p.message.startswith("Too deep")]

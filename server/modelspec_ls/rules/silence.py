"""Findings that a text asks not to be told, taken out."""

from __future__ import annotations

from collections.abc import Iterable

from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Diagnostic
from modelspec_ls.core.text import Span
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.facts import FileFacts
from modelspec_ls.workspace.graph import Graph
from modelspec_ls.workspace.suppressions import Suppression

from .hints.useless_suppression import META, message_of
from .registry import chosen, matches, severity
from .suppressed import Used, all_ran, rules_named


def silenced(
    document: Document, asked: tuple[Suppression, ...], found: Iterable[Diagnostic]
) -> tuple[list[Diagnostic], list[Diagnostic], Used]:
    """The findings that are told, those that are not, and the words that hid them."""
    used: Used = set()
    told: list[Diagnostic] = []
    hidden: list[Diagnostic] = []
    for diagnostic in found:
        hits = _hits(asked, diagnostic, document.index.line_of(diagnostic.span.start))
        used.update(hits)
        (hidden if hits else told).append(diagnostic)
    return told, hidden, used


def silenced_links(
    graph: Graph, facts: FileFacts, found: Iterable[Diagnostic], config: Config
) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """The same for findings across files, with a word on suppressions that hide none of them.

    Only where other files are known: a file that is looked at alone says nothing about what others would bring up.
    """
    used: Used = set()
    told: list[Diagnostic] = []
    hidden: list[Diagnostic] = []
    for diagnostic in found:
        assert diagnostic.mark is not None
        hits = _hits(facts.suppressions, diagnostic, diagnostic.mark.line)
        used.update(hits)
        (hidden if hits else told).append(diagnostic)
    others = sum(not file.guest for file in graph.files.values()) > 1
    if others and graph.complete and not any(spec.broken for spec in facts.parts) and _speaks(config):
        told += _useless(facts, used, config)
    return told, hidden


def _hits(asked: tuple[Suppression, ...], diagnostic: Diagnostic, line: int) -> Used:
    if diagnostic.said is not None and not diagnostic.said.suppressible:
        return set()
    return {
        (number, word)
        for number, suppression in enumerate(asked)
        if suppression.holds_for(line, diagnostic.document)
        for word, name in enumerate(suppression.words)
        if matches(diagnostic, name)
    }


def _speaks(config: Config) -> bool:
    return any(module.rule.code == META.code for module in chosen(config))


def _useless(facts: FileFacts, used: Used, config: Config) -> Iterable[Diagnostic]:
    for number, suppression in enumerate(facts.suppressions):
        for index, word in enumerate(suppression.words):
            rules = rules_named(word)
            across = rules and all(rule.scope == "workspace" for rule in rules)
            if across and (number, index) not in used and not suppression.late and all_ran(rules, config):
                yield Diagnostic(
                    META.code, META.name, META.category, severity(META, config, None), message_of(word), Span(0, 0),
                    "", suppression.document, mark=suppression.marks[index],
                )  # fmt: skip

"""From what a rule says to a diagnostic at a place: severity, spans, credentials left out; and a fix as text edits."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from attrs import evolve

from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Diagnostic, Finding, Fix, Place, Related, RelatedSpan, Severity, Where
from modelspec_ls.core.path import pointer
from modelspec_ls.core.text import Mark, Span, TextEdit, overlapping
from modelspec_ls.knowledge import secrets
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.registry import RuleModule, chosen, severity, speaks
from modelspec_ls.syntax.edit import resolve_operation
from modelspec_ls.syntax.lookup import document_at, locate, spot_at
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.views import view_of

log = logging.getLogger(__name__)

INTERNAL = Rule("MS000", "internal-error", "internal", Severity.INFORMATION, "A rule failed; the others went on")


MORE = Rule("MS099", "findings-cut", "internal", Severity.INFORMATION, "A file with very many findings shows the first")


def discreet(diagnostics: Iterable[Diagnostic], found: tuple[str, ...]) -> Iterable[Diagnostic]:
    """Diagnostics that repeat no credential."""
    return [_without(d, found) for d in diagnostics] if found else diagnostics


def _without(diagnostic: Diagnostic, found: tuple[str, ...]) -> Diagnostic:
    def say(text: str) -> str:
        return secrets.hidden(text, found)

    return evolve(
        diagnostic,
        message=say(diagnostic.message),
        pointer=say(diagnostic.pointer),
        related=tuple(evolve(r, message=say(r.message)) for r in diagnostic.related),
        fixes=tuple(evolve(fix, title=say(fix.title)) for fix in diagnostic.fixes),
    )


def order(diagnostic: Diagnostic) -> tuple[Any, ...]:
    """The key that sorts diagnostics by position."""
    return diagnostic.span, diagnostic.severity, diagnostic.code, diagnostic.name, diagnostic.message


def _near(document: Document, related: Related) -> RelatedSpan:
    where = related.where
    if isinstance(where, Mark):
        return RelatedSpan(Span(0, 0), related.message, related.uri, where)
    return RelatedSpan(_span(document, where), related.message)


def _span(document: Document, where: Where) -> Span:
    if isinstance(where, Span):
        return where
    return locate(document.tree, where, view_of(document, where.document).find)


def failed(rule: Rule) -> str:
    """What is said in place of a rule that raised."""
    return f"The check {rule.code} ({rule.name}) failed inside this tool; all others ran. Please report it."


def unreadable(message: str, level: Severity, config: Config) -> Diagnostic | None:
    """The finding on a file that could not be read; None where the configuration leaves it out."""
    module = next((m for m in chosen(config) if m.rule.code == "MS005"), None)
    if module is None:
        return None
    rule = module.rule
    return Diagnostic(rule.code, rule.name, rule.category, severity(rule, config, level), message, Span(0, 0), "", 0)


def apply(module: RuleModule, ctx: Any, document: Document, config: Config) -> Iterable[Diagnostic]:
    """What a rule finds. Most find nothing, at the cost of little more than the call."""
    rule = module.rule
    out: list[Diagnostic] = []
    try:
        for finding in module.check(ctx):
            diagnostic = _resolve(document, rule, finding, config)
            if diagnostic is not None:
                out.append(diagnostic)
    except Exception:
        # One broken rule must not take the others with it.
        log.exception("rule %s failed", rule.code)
        out.append(_make(document, INTERNAL, Finding(failed(rule), Span(0, 0)), Span(0, 0), Severity.INFORMATION))
    return out


def _resolve(document: Document, rule: Rule, finding: Finding, config: Config) -> Diagnostic | None:
    span = _span(document, finding.where)
    if not rule.on_broken and document.tree.repairs and document.tree.tainted(span):
        return None
    if finding.said is not None:
        if not speaks(rule, config, finding.said.name):
            return None
        rule = evolve(rule, name=finding.said.name)
    return _make(document, rule, finding, span, severity(rule, config, finding.severity))


def _make(document: Document, rule: Rule, finding: Finding, span: Span, level: Severity) -> Diagnostic:
    where = finding.where
    if isinstance(where, Place):
        index, path = where.document, where.path
    else:
        index, path = document_at(document.tree, span.start).number, ()
        if not rule.on_broken and (spot := spot_at(document.tree, span.start)):
            path = spot.place.path
    related = tuple(_near(document, r) for r in finding.related)
    return Diagnostic(
        rule.code,
        rule.name,
        rule.category,
        level,
        finding.message,
        span,
        pointer(path),
        index,
        related,
        finding.fixes,
        said=finding.said,
    )


def overflow(document: Document, more: int) -> Diagnostic:
    """What is said in place of findings beyond the limit."""
    end = len(document.text)
    message = f"{more:,} more findings in this file are not shown."
    return _make(document, MORE, Finding(message, Span(end, end)), Span(end, end), Severity.INFORMATION)


def resolve_fix(document: Document, fix: Fix) -> tuple[TextEdit, ...]:
    """The text edits of a fix; empty when it no longer applies."""
    edits: list[TextEdit] = []
    for operation in fix.operations:
        resolved = resolve_operation(document.tree, document.index, operation)
        if not resolved:
            return ()
        edits.extend(resolved)
    # Two operations on the same text: only the whole fix makes sense.
    return () if overlapping(edits) else tuple(edits)

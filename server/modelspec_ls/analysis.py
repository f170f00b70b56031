"""``check_document``: the one entrance to all findings, for the server and the command line.

Runs the chosen rules, drops what stands on repaired text, resolves places to spans, sorts and bounds.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Diagnostic, Finding, Fix, Place, RelatedSpan, Severity
from modelspec_ls.core.path import pointer
from modelspec_ls.core.text import Span, TextEdit, apply_edits
from modelspec_ls.rules.context import DocumentContext, FileContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.registry import RuleModule, chosen, severity
from modelspec_ls.syntax.edit import resolve_operation
from modelspec_ls.syntax.lookup import document_at, locate, spot_at
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.kinds import is_spec_name
from modelspec_ls.workspace.snapshot import Snapshot

log = logging.getLogger(__name__)

# Groups about the form of a document; all others are about what it means.
_STRUCTURE = frozenset({"syntax", "schema"})
_INTERNAL = Rule("MS000", "internal-error", "internal", Severity.INFORMATION, "A rule failed; the others went on")
_MORE = Rule(
    "MS099", "findings-cut", "internal", Severity.INFORMATION, "A file with very many findings shows the first"
)


def check_document(snapshot: Snapshot, uri: str) -> tuple[Diagnostic, ...]:
    """All diagnostics of an open document by position; none for one that is not ours."""
    document = snapshot.document(uri)
    if document is None or not judged(document):
        return ()
    return check_text(document, snapshot.config)


def judged(document: Document) -> bool:
    """Whether the text is ours: by its name, by the user's word, or by what a document in it declares."""
    return document.claimed or is_spec_name(document.uri) or document.ours


def check_text(document: Document, config: Config) -> tuple[Diagnostic, ...]:
    """All diagnostics of one text by itself. The result is kept with the document for the same config."""
    kept: tuple[Config, tuple[Diagnostic, ...]] | None = document.memo.get("diagnostics")
    if kept is not None and kept[0] is config:
        return kept[1]
    found = sorted(set(_run(document, config)), key=lambda d: (d.span, d.severity, d.code, d.message))
    limit = config.limits.max_findings_per_file
    if len(found) > limit:
        found = [*found[:limit], _overflow(document, len(found) - limit)]
    result = tuple(found)
    document.memo["diagnostics"] = (config, result)
    return result


def unreadable(message: str, level: Severity, config: Config) -> Diagnostic | None:
    """The finding on a file that could not be read; None where the configuration leaves it out."""
    module = next((m for m in chosen(config) if m.rule.code == "MS005"), None)
    if module is None:
        return None
    rule = module.rule
    return Diagnostic(rule.code, rule.name, rule.category, severity(rule, config, level), message, Span(0, 0), "", 0)


def _run(document: Document, config: Config) -> Iterator[Diagnostic]:
    if document.oversized:
        size, limit = len(document.text) / 2**20, config.limits.max_file_bytes / 2**20
        message = f"The file has {size:.1f} MiB; at most {limit:g} MiB is read. Split it into smaller files."
        finding = unreadable(message, Severity.ERROR, config)
        yield from (finding,) if finding else ()
        return
    modules = chosen(config)
    whole = FileContext(document, config)
    parts = [DocumentContext(document, config, i) for i, role in enumerate(document.roles) if role.ours]
    yield from _oversized(document, parts)
    for module in modules:
        if module.rule.scope == "file":
            yield from _apply(module, whole, document, config)
        else:
            for part in parts:
                if not part.too_large and (module.rule.category in _STRUCTURE or not _broken(part)):
                    yield from _apply(module, part, document, config)


def _broken(part: DocumentContext) -> bool:
    """Whether some of the document's text had to be repaired: then its meaning is not judged."""
    document = part.document
    return any(document.start <= repair.span.start < document.end for repair in part.tree.repairs)


def _oversized(document: Document, parts: list[DocumentContext]) -> Iterator[Diagnostic]:
    for part in parts:
        if part.too_large:
            aliases = "*" in document.text
            message = (
                f"{'With its aliases written out, this' if aliases else 'This'} document has {part.data.size:,} keys "
                f"and values, nested {part.data.depth:,} deep: too large to check. "
                + ("Replace the aliases by values." if aliases else "Split it.")
            )
            span = locate(document.tree, Place(part.document.number, (), "key"))
            yield Diagnostic("MS001", "invalid-yaml", "syntax", Severity.ERROR, message, span, "", part.document.number)


def _apply(module: RuleModule, ctx: Any, document: Document, config: Config) -> Iterator[Diagnostic]:
    rule = module.rule
    try:
        for finding in module.check(ctx):
            diagnostic = _resolve(document, rule, finding, config)
            if diagnostic is not None:
                yield diagnostic
    except Exception:
        # One broken rule must not take the others with it.
        log.exception("rule %s failed", rule.code)
        message = f"The check {rule.code} ({rule.name}) failed inside this tool; all others ran. Please report it."
        yield _make(document, _INTERNAL, Finding(message, Span(0, 0)), Span(0, 0), Severity.INFORMATION)


def _resolve(document: Document, rule: Rule, finding: Finding, config: Config) -> Diagnostic | None:
    span = locate(document.tree, finding.where)
    if not rule.on_broken and document.tree.repairs and document.tree.tainted(span):
        return None
    return _make(document, rule, finding, span, severity(rule, config, finding.severity))


def _make(document: Document, rule: Rule, finding: Finding, span: Span, level: Severity) -> Diagnostic:
    where = finding.where
    if isinstance(where, Place):
        index, path = where.document, where.path
    else:
        index, path = document_at(document.tree, span.start).number, ()
        if not rule.on_broken and (spot := spot_at(document.tree, span.start)):
            path = spot.place.path
    related = tuple(RelatedSpan(locate(document.tree, r.where), r.message, r.uri) for r in finding.related)
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
    )


def _overflow(document: Document, more: int) -> Diagnostic:
    end = len(document.text)
    message = f"{more:,} more findings in this file are not shown."
    return _make(document, _MORE, Finding(message, Span(end, end)), Span(end, end), Severity.INFORMATION)


def resolve_fix(document: Document, fix: Fix) -> tuple[TextEdit, ...]:
    """The text edits of a fix; empty when it no longer applies."""
    edits: list[TextEdit] = []
    for operation in fix.operations:
        resolved = resolve_operation(document.tree, document.index, operation)
        if not resolved:
            return ()
        edits.extend(resolved)
    try:
        apply_edits(document.text, edits)
    except ValueError:  # Two operations on the same text: only the whole fix makes sense.
        return ()
    return tuple(edits)

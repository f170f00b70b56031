"""Code actions: the fixes of the findings at a place."""

from __future__ import annotations

from modelspec_ls.analysis import check_document, resolve_fix
from modelspec_ls.core.finding import Applicability
from modelspec_ls.core.text import Span
from modelspec_ls.workspace.snapshot import Snapshot

from .results import CodeAction


def code_actions(snapshot: Snapshot, uri: str, span: Span) -> tuple[CodeAction, ...]:
    """Every fix of every finding that touches the span; safe ones are preferred."""
    document = snapshot.document(uri)
    if document is None:
        return ()
    out: list[CodeAction] = []
    for diagnostic in check_document(snapshot, uri):
        if not diagnostic.span.overlaps(span):
            continue
        for fix in diagnostic.fixes:
            edits = resolve_fix(document, fix)
            if edits:
                preferred = fix.applicability is Applicability.SAFE and fix is diagnostic.fixes[0]
                out.append(CodeAction(fix.title, edits, preferred, "quickfix", (diagnostic.code,), diagnostic.span))
    return tuple(out)

"""Code actions: the fixes of the findings at a place."""

from __future__ import annotations

from modelspec_ls.analysis import check_document, resolve_fix
from modelspec_ls.core.finding import Applicability
from modelspec_ls.core.text import Span, TextEdit
from modelspec_ls.workspace.snapshot import Snapshot

from .results import CodeAction


def code_actions(snapshot: Snapshot, uri: str, span: Span) -> tuple[CodeAction, ...]:
    """Every fix of every finding that touches the span, safe ones preferred, and all safe fixes of the file."""
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
    everything = fix_all(snapshot, uri)
    if everything:
        out.append(CodeAction("Fix everything that is safe to fix", everything, kind="source.fixAll.modelspec"))
    return tuple(out)


def fix_all(snapshot: Snapshot, uri: str) -> tuple[TextEdit, ...]:
    """The edits of all safe fixes that do not touch each other; those left over apply in a second go."""
    document = snapshot.document(uri)
    if document is None:
        return ()
    chosen: list[TextEdit] = []
    for diagnostic in check_document(snapshot, uri):
        safe = next((f for f in diagnostic.fixes if f.applicability is Applicability.SAFE), None)
        edits = resolve_fix(document, safe) if safe else ()
        if edits and not any(e.span.overlaps(c.span) for e in edits for c in chosen):
            chosen.extend(edits)
    return tuple(sorted(chosen))

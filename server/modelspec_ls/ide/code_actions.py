"""Code actions: the fixes of the findings at a place."""

from __future__ import annotations

from modelspec_ls.analysis import check_document, check_here, resolve_fix
from modelspec_ls.core.finding import Applicability, Severity
from modelspec_ls.core.text import Span, TextEdit, apply_edits
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot

from .results import CodeAction


def code_actions(
    snapshot: Snapshot, uri: str, span: Span, *, source: bool = False, creates: bool = False
) -> tuple[CodeAction, ...]:
    """Every fix of every finding that touches the span, safe ones preferred.

    ``source``: also what concerns the whole file, which editors ask for by name or when they save. ``creates``: the
    client can make new files.
    """
    document = snapshot.document(uri)
    if document is None:
        return ()
    out: list[CodeAction] = []
    for diagnostic in check_document(snapshot, uri):
        if not diagnostic.span.overlaps(span):
            continue
        for fix in diagnostic.fixes:
            if fix.creates and not creates:
                continue
            edits = resolve_fix(document, fix)
            if edits or fix.creates:
                preferred = fix.applicability is Applicability.SAFE and fix is diagnostic.fixes[0]
                out.append(
                    CodeAction(
                        fix.title, edits, preferred, codes=(diagnostic.code,), span=diagnostic.span, creates=fix.creates
                    )
                )
    everything = fix_all(snapshot, uri) if source else ()
    if everything:
        out.append(CodeAction("Fix everything that is safe to fix", everything, kind="source.fixAll.modelspec"))
    return tuple(out)


def fix_all(snapshot: Snapshot, uri: str) -> tuple[TextEdit, ...]:
    """The edits of all safe fixes that do not touch each other; those left over apply in a second go."""
    document = snapshot.document(uri)
    if document is None:
        return ()
    groups: list[tuple[TextEdit, ...]] = []
    for diagnostic in check_document(snapshot, uri):
        safe = next((f for f in diagnostic.fixes if f.applicability is Applicability.SAFE), None)
        edits = resolve_fix(document, safe) if safe else ()
        if edits and not any(e.span.overlaps(c.span) for e in edits for group in groups for c in group):
            groups.append(edits)
    before = _errors(snapshot, document, [])
    if _errors(snapshot, document, groups) > before:
        # Nobody looks at these edits one by one: what would make things worse is left out.
        kept: list[tuple[TextEdit, ...]] = []
        for group in groups:
            if _errors(snapshot, document, [*kept, group]) <= before:
                kept.append(group)
        groups = kept
    return tuple(sorted(edit for group in groups for edit in group))


def _errors(snapshot: Snapshot, document: Document, groups: list[tuple[TextEdit, ...]]) -> int:
    """The number of errors once the edits are made."""
    text = apply_edits(document.text, [edit for group in groups for edit in group])
    changed = Document(document.uri, text, claimed=document.claimed, declared=document.declared)
    return sum(d.severity is Severity.ERROR for d in check_here(changed, snapshot))

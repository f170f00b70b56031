"""Code actions: the fixes of the findings at a place, ways to keep them quiet, and refactorings."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator
from operator import attrgetter

from attrs import evolve

from modelspec_ls.analysis import check_document, check_here, not_shown, resolve_fix
from modelspec_ls.core.finding import Applicability, Diagnostic, Severity
from modelspec_ls.core.text import Span, TextEdit, apply_edits
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.files import is_there
from modelspec_ls.workspace.references import key_of
from modelspec_ls.workspace.snapshot import Snapshot

from .additions import additions
from .quiet import quieting
from .refactor import refactorings, source_actions
from .results import CodeAction

_MOST_READ = 20_000_000
"""Characters that are checked to find the edits that would make things worse."""
_Edits = tuple[TextEdit, ...]
_start = attrgetter("start")


def code_actions(
    snapshot: Snapshot,
    uri: str,
    span: Span,
    *,
    source: bool = False,
    fixes: bool = True,
    refactor: bool = False,
    creates: bool = False,
    pages: bool = False,
) -> tuple[CodeAction, ...]:
    """Every fix of every finding that touches the span, safe ones preferred; then what else may be done there.

    ``source``: also what concerns the whole file, which editors ask for by name or when they save. ``fixes``,
    ``refactor``: whether those are asked for. ``creates``: the client can make new files. ``pages``: it can show a
    rule's page.
    """
    document = snapshot.document(uri)
    if document is None:
        return ()
    out: list[CodeAction] = []
    here = [d for d in check_document(snapshot, uri) if d.span.overlaps(span)] if fixes else []
    for diagnostic in here:
        for fix in diagnostic.fixes:
            if fix.creates and not (creates and all(not is_there(key_of(new.uri)) for new in fix.creates)):
                continue
            edits = resolve_fix(document, fix)
            if edits or fix.creates:
                preferred = fix.applicability is Applicability.SAFE and fix is diagnostic.fixes[0]
                out.append(
                    CodeAction(
                        fix.title,
                        edits,
                        preferred,
                        codes=(diagnostic.ident,),
                        span=diagnostic.span,
                        creates=fix.creates,
                    )
                )
        out += additions(snapshot, document, diagnostic)
    for code in dict.fromkeys(d.ident for d in here):
        out += _of_rule(snapshot, uri, code)
    for diagnostic in {d.ident: d for d in reversed(here)}.values():
        out += quieting(snapshot, document, diagnostic, creates=creates)
        if pages and diagnostic.category != "internal":
            page = diagnostic.code, diagnostic.name if diagnostic.said is None else "policy-violation"
            title = f"Open the page of {' '.join(page)}"
            out.append(CodeAction(title, (), codes=(diagnostic.ident,), span=diagnostic.span, page=page))
    if refactor:
        out += refactorings(snapshot, document, span, creates=creates)
    everything = fix_all(snapshot, uri) if source else ()
    if everything:
        out.append(CodeAction("Fix everything that is safe to fix", everything, kind="source.fixAll.modelspec"))
    if source:
        out += source_actions(document)
    policies = {d.ident: d.said.policy for d in here if d.said is not None}
    return tuple(evolve(a, policy=policies.get(a.codes[0], "")) if policies and a.codes else a for a in out)


def _of_rule(snapshot: Snapshot, uri: str, code: str) -> Iterator[CodeAction]:
    """All safe fixes of one rule, where there are several."""
    found = [d for d in _findings(snapshot, uri) if d.ident == code]
    safe = sum(any(f.applicability is Applicability.SAFE for f in d.fixes) for d in found)
    edits = fix_all(snapshot, uri, code) if safe > 1 else ()
    if edits:
        yield CodeAction(f"Fix all {safe} of {found[0].label} in this file", edits, codes=(code,))


def _findings(snapshot: Snapshot, uri: str) -> tuple[Diagnostic, ...]:
    """All findings of a document, also beyond those that are shown."""
    shown, document = check_document(snapshot, uri), snapshot.document(uri)
    return shown if document is None else (*shown, *not_shown(document))


def fix_all(snapshot: Snapshot, uri: str, code: str | None = None) -> tuple[TextEdit, ...]:
    """The edits of all safe fixes, or of those of one rule, that do not touch each other.

    Those left over apply in a second go.
    """
    document = snapshot.document(uri)
    if document is None:
        return ()
    groups: list[_Edits] = []
    taken: list[Span] = []
    for diagnostic in _findings(snapshot, uri):
        if code is not None and diagnostic.ident != code:
            continue
        safe = next((f for f in diagnostic.fixes if f.applicability is Applicability.SAFE), None)
        edits = resolve_fix(document, safe) if safe else ()
        if edits and not any(_touches(taken, edit.span) for edit in edits):
            groups.append(edits)
            for edit in edits:
                insort(taken, edit.span)
    return tuple(sorted(edit for group in _harmless(snapshot, document, groups) for edit in group))


def _touches(taken: list[Span], span: Span) -> bool:
    """Whether a span overlaps one of several that stand in order and do not overlap each other."""
    at = bisect_right(taken, span.end, key=_start)
    while at and taken[at - 1].end >= span.start:
        at -= 1
        if taken[at].overlaps(span):
            return True
    return False


def _harmless(snapshot: Snapshot, document: Document, groups: list[_Edits]) -> list[_Edits]:
    """Those edits that make nothing worse, for nobody looks at them one by one."""
    if not groups:
        return []
    before = _errors(check_here(document, snapshot), document)
    kept: list[_Edits] = []
    left = _MOST_READ
    todo = [groups]
    while todo:
        some = todo.pop()
        left -= len(document.text)
        if left < 0 and some is not groups:
            break  # What would take too long to tell is left out too.
        if _errors_after(snapshot, document, [*kept, *some]) <= before:
            kept += some
        elif len(some) > 1:
            half = len(some) // 2
            todo += [some[half:], some[:half]]
    return kept


def _errors_after(snapshot: Snapshot, document: Document, groups: list[_Edits]) -> int:
    """The number of errors once the edits are made."""
    text = apply_edits(document.text, [edit for group in groups for edit in group])
    changed = Document(document.uri, text, claimed=document.claimed, declared=document.declared)
    return _errors(check_here(changed, snapshot), changed)


def _errors(shown: tuple[Diagnostic, ...], document: Document) -> int:
    return sum(d.severity is Severity.ERROR for d in (*shown, *not_shown(document)))

"""Completion at every place a person can stand."""

from __future__ import annotations

from modelspec_ls.analysis import judged
from modelspec_ls.ide.results import CompletionItem, Completions
from modelspec_ls.syntax.cursor import cursor_context
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.kinds import Standing
from modelspec_ls.workspace.snapshot import Snapshot

from .catalogue_values import MAX_MODELS
from .keys import key_items
from .request import Request
from .snippets import document_items, section_items
from .values import value_items


def complete(snapshot: Snapshot, uri: str, offset: int, *, snippets: bool = True) -> Completions:
    """What may be written at the offset, best first.

    Args:
        snapshot: the state to look at.
        uri: the document.
        offset: the cursor, in code points.
        snippets: whether the client can show tab stops; only the inserted text differs.
    """
    document = snapshot.document(uri)
    if document is None or document.oversized or not (judged(document) or _may_become_ours(document)):
        return Completions()
    context = cursor_context(document.tree, document.index, offset)
    if context is None:
        return Completions()
    role = document.roles[min(context.document, len(document.roles) - 1)]
    # A half-typed kind makes a stranger of the document; its head can still be completed.
    head = context.path in {("kind",), ("apiVersion",)}
    if role.kind and role.standing is not Standing.SPEC and not (head and role.standing is Standing.STRANGER):
        return Completions()
    request = Request(snapshot, document, context, snippets)
    if context.expecting == "value":
        items = value_items(request)
    else:
        items = [*key_items(request), *section_items(request), *document_items(request)]
    return Completions(tuple(_numbered(items)), incomplete=len(items) >= MAX_MODELS)


def _numbered(items: list[CompletionItem]) -> list[CompletionItem]:
    """Sort texts that keep this order in every client."""
    from attrs import evolve  # noqa: PLC0415

    return [evolve(item, sort=f"{i:04d}") for i, item in enumerate(items)]


def _may_become_ours(document: Document) -> bool:
    """An empty buffer may be the start of a ModelSpec."""
    return not document.text.strip()

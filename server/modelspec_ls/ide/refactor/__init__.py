"""Changes that a user can ask for at a place and that mend nothing: each a function of a ``Where``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from modelspec_ls.core.text import Span
from modelspec_ls.ide.results import CodeAction
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot

from .conversion import conversions
from .extract import extract, split
from .precision import precisions_to
from .production import production_sections
from .sections import sorted_sections
from .where import Where

_AT_PLACE: tuple[Callable[[Where], Iterator[CodeAction]], ...] = (precisions_to, extract, split, production_sections)


def refactorings(snapshot: Snapshot, document: Document, span: Span, *, creates: bool) -> Iterator[CodeAction]:
    """What may be done at a place. ``creates``: the client can make new files."""
    if creates:
        yield from conversions(snapshot, document, span)
    where = Where.at(snapshot, document, span)
    if where is None:
        return
    for offer in _AT_PLACE:
        for action in offer(where):
            if creates or not action.creates:
                yield action


def source_actions(document: Document) -> Iterator[CodeAction]:
    """What may be done with the whole text, besides fixing it."""
    edits = sorted_sections(document)
    if edits:
        yield CodeAction("Sort sections into the usual order", edits, kind="source.sortSections.modelspec")

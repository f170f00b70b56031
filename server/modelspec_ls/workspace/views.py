"""The fields of a text's documents, kept with the text."""

from __future__ import annotations

from modelspec_ls.spec.view import SpecView

from .document import Document


def view_of(document: Document, number: int) -> SpecView:
    """The fields of one document of a stream, by its number."""
    kept: dict[int, SpecView] = document.memo.setdefault("views", {})
    if number not in kept:
        kept[number] = SpecView(document.tree.documents[number])
    return kept[number]

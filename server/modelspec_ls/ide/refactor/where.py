"""The place that a refactoring is asked for."""

from __future__ import annotations

from attrs import frozen

from modelspec_ls.core.path import DocPath
from modelspec_ls.core.text import Span
from modelspec_ls.syntax.lookup import document_at, spot_at
from modelspec_ls.syntax.nodes import Document as Part
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.kinds import Standing
from modelspec_ls.workspace.snapshot import Snapshot


@frozen
class Where:
    """A place in a ModelSpec that needed no repairs. ``path``: what the cursor is on; empty between keys."""

    snapshot: Snapshot
    document: Document
    part: Part
    path: DocPath

    @classmethod
    def at(cls, snapshot: Snapshot, document: Document, span: Span) -> Where | None:
        """The place of the cursor or of a selection's start; None in other texts."""
        if document.oversized or document.is_settings or document.tree.repairs:
            return None
        part = document_at(document.tree, span.start)
        if document.roles[part.number].standing is not Standing.SPEC:
            return None
        spot = spot_at(document.tree, span.start)
        return cls(snapshot, document, part, spot.place.path if spot is not None else ())

"""What both directions share: the document in the making, the notes on it, and what is done at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from modelspec_ls.core.path import DocPath
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.spec.view import ANNOTATIONS, LABELS
from modelspec_ls.workspace.kinds import KIND

from . import kept
from .comments import NOT_STATED, Comments
from .notes import Note
from .reading import MISSING, Reading
from .write import Draft

_SECTIONS: tuple[tuple[DocPath, DocPath], ...] = (
    (("metadata",), ("metadata",)),
    (LABELS, LABELS),
    (ANNOTATIONS, ANNOTATIONS),
    (("spec",), ("spec",)),
)


class Conversion:
    """One document on its way. ``kind``: what the source is."""

    def __init__(self, kind: str, source: Reading, catalogue: Catalogue) -> None:
        self.kind = kind
        self.source = source
        self.catalogue = catalogue
        self.draft = Draft()
        self.notes: list[Note] = []
        self.annotations: dict[str, tuple[str, Comments]] = {}
        """Those of the result, which are written last: all parts of a document may add some."""
        stated = source.mapping(*ANNOTATIONS)
        self.stated = {key: value for key, value in stated.items() if isinstance(value, str)}
        """The annotations of the source."""

    def head(self, api_version: str, kind: str) -> None:
        """Say what the result is."""
        self.draft.put(("apiVersion",), api_version, self.source.take("apiVersion"))
        self.draft.put(("kind",), kind, self.source.take("kind"))

    # Notes

    def lost(self, path: DocPath, value: Any, reason: str) -> None:
        """A value of the source is not in the result."""
        self.notes.append(Note("lost", path, value, reason))

    def changed(self, path: DocPath, value: Any, to: DocPath, becomes: Any, reason: str) -> None:
        """A value of the source is in the result in a form that does not come back."""
        self.notes.append(Note("changed", path, value, reason, to, becomes))

    def found(self, path: DocPath, value: Any, reason: str) -> None:
        """Write a value that the source does not state."""
        self.draft.put(path, value)
        self.notes.append(Note("found", path, value, reason))

    def unknown(self, path: DocPath, placeholder: str, what: str) -> None:
        """Write a placeholder, marked."""
        self.draft.put(path, placeholder, Comments((f"{NOT_STATED}{self.kind}: {what}.",)))
        self.notes.append(Note("unknown", path, placeholder, what))

    def keep(self, key: str, path: DocPath, value: Any, comments: Comments, reason: str = "") -> None:
        """Put a value of the source into an annotation of ours."""
        self.annotations[key] = (kept.written(value), comments)
        other = "an OpenModel" if self.kind == KIND else "a ModelSpec"
        reason = reason or f"{other} has no field for it"
        self.notes.append(Note("kept", path, value, reason, (*ANNOTATIONS, key)))

    # The end

    def rest_of_annotations(self, fault_of: Callable[[str], str | None]) -> None:
        """Copy the annotations that nobody has taken. ``fault_of`` says why one cannot be."""
        for key, value in self.stated.items():
            path = (*ANNOTATIONS, key)
            if self.source.taken(*path):
                continue
            comments, fault = self.source.take(*path), fault_of(key)
            if fault is None:
                self.annotations[key] = (value, comments)
            else:
                self.lost(path, value, fault)

    def finish(
        self, sections: Iterable[tuple[DocPath, DocPath]], reason: Callable[[DocPath, Any], str]
    ) -> tuple[Draft, list[Note]]:
        """Write annotations and the comments of sections with a counterpart; list what is left of the source."""
        source, draft = self.source, self.draft
        # The author's own first.
        for key, (value, comments) in sorted(self.annotations.items(), key=lambda item: item[0] not in self.stated):
            draft.put((*ANNOTATIONS, key), value, comments)
        for path, to in (*_SECTIONS, *sections):
            if draft.has(to) and source.at(*path) is not MISSING:
                draft.comment(to, source.comments(*path))
        for path, value in source.repeated():
            self.lost(path, value, "the key stands again further down, and the last one counts")
        for path, value in source.left():
            self.lost(path, value, reason(path, value))
        if source.comments_left:
            gone, all_of_them = source.comments_left, source.comments_at_first
            self.lost((), None, f"{gone} of {all_of_them} lines of comments belong to what is left out")
        return draft, self.notes

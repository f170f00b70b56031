"""What is to be known about a conversion, as lines for people: in a terminal, or as comments in the new file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .notes import ORDER, TITLES, Note
from .stream import Converted, Result

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def listing(converted: Converted) -> Iterator[str]:
    """Headings, and indented lines below them; nothing where nothing is to be said."""
    for result in converted.results:
        if result.notes and len(converted.results) > 1:
            yield f"{_called(result)}:"
        yield from notes_of(result)
    for left in converted.left_out:
        yield _safe(f"Document {left.number + 1} ({left.kind}) is left out: {left.reason}")


def notes_of(result: Result) -> Iterator[str]:
    """The notes on one document, by kind."""
    for kind in ORDER:
        notes = [note for note in result.notes if note.kind == kind]
        if notes:
            yield f"{TITLES[kind]}:"
            yield from (f"  {_line(note)}" for note in notes)


def _line(note: Note) -> str:
    return _safe(note.sentence)


def _called(result: Result) -> str:
    return _safe(f"Document {result.number + 1}, `{result.name}`")


def _safe(text: str) -> str:
    """On one line, and without what a terminal would obey."""
    return _UNSAFE.sub("\ufffd", " ".join(text.split()))

"""What a text asks not to be told: comments ``# modelspec-ignore: RULES reason`` and the annotation of that name.

A comment holds for its line, or, on a line of its own, for the next line with something on it;
``modelspec-ignore-file`` within the first ten lines for the whole file; the annotation ``modelspec/ignore`` for its
document.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal

from attrs import frozen

from modelspec_ls.core.packed import packed
from modelspec_ls.core.text import Mark, Span
from modelspec_ls.spec.view import ANNOTATIONS, SpecView
from modelspec_ls.syntax.lookup import walk
from modelspec_ls.syntax.nodes import Scalar

from .document import Document

COMMENT = "modelspec-ignore"
ANNOTATION = "modelspec/ignore"
FILE_LINES = 10
"""Where a comment for the whole file must stand: within the first lines, where readers look."""
_FOUND = re.compile(
    r"(?:^|(?<=\s))#[ \t]*modelspec-ignore(?P<file>-file)?(?![\w-])(?:[ \t]*:)?(?P<rest>[^\r\n]*)", re.MULTILINE
)
_WORD = re.compile(r"[A-Za-z][\w-]*")

Form = Literal["line", "file", "document"]


@packed
@frozen
class Suppression:
    """One comment or annotation. ``words`` name rules, each with its place in ``marks``; ``whole``: all of it."""

    form: Form
    words: tuple[str, ...]
    marks: tuple[Mark, ...]
    whole: Mark
    reason: str = ""
    line: int = 0
    """The line that a comment holds for, from 0."""
    document: int = 0
    """The document that an annotation holds for."""
    late: bool = False
    """A comment for the whole file that stands too far down to hold."""

    def holds_for(self, line: int, document: int) -> bool:
        """Whether it is about what stands on a line of a document of the stream."""
        if self.form == "line":
            return line == self.line
        return not self.late if self.form == "file" else document == self.document


def suppressions(document: Document) -> tuple[Suppression, ...]:
    """All of a text, in order; kept with the text."""
    if COMMENT not in document.text and ANNOTATION not in document.text:
        return ()
    kept: tuple[Suppression, ...] | None = document.memo.get("suppressions")
    if kept is None:
        found = [*_comments(document), *_annotations(document)]
        kept = document.memo["suppressions"] = tuple(sorted(found, key=lambda s: (s.whole.line, s.whole.start)))
    return kept


def _comments(document: Document) -> Iterator[Suppression]:
    if document.is_json or document.is_settings:
        return
    index, scalars = document.index, None
    above, below = 0, 0
    for match in _FOUND.finditer(document.text):
        if scalars is None:
            scalars = _scalars(document)
        at = match.start()
        nearest = bisect_right(scalars, (at, len(document.text)))
        if nearest and at < scalars[nearest - 1][1]:
            continue
        words, marks, reason = _words(document, *match.span("rest"))
        line = index.line_of(at)
        whole = index.mark(Span(at, at + len(match[0].rstrip())))
        if match["file"]:
            yield Suppression("file", words, marks, whole, reason, late=line >= FILE_LINES)
        else:
            alone = not document.text[index.starts[line] : at].strip(" \t\ufeff")
            # Comments below each other mean the same line.
            if alone and not above < line < below:
                above, below = line, _line_below(document, line)
            yield Suppression(
                "line", words, marks, whole, reason, line=below if alone and below < index.line_count else line
            )


def _scalars(document: Document) -> list[tuple[int, int]]:
    """The spans of all scalars, in order: a ``#`` in one starts no comment."""
    nodes = (node for part in document.tree.documents for _, value, pair in walk(part)
             for node in ((pair.key, value) if pair else (value,)))  # fmt: skip
    return sorted((node.start, node.end) for node in nodes if isinstance(node, Scalar))


def _line_below(document: Document, line: int) -> int:
    """The next line with more than a comment, or the number of lines where there is none."""
    index = document.index
    for below in range(line + 1, index.line_count):
        text = index.line_text(below).strip()
        if text and not text.startswith("#"):
            return below
    return index.line_count


def _annotations(document: Document) -> Iterator[Suppression]:
    if ANNOTATION not in document.text:
        return
    for number, role in enumerate(document.roles):
        if not role.linked:
            continue
        found = SpecView(document.tree.documents[number]).find((*ANNOTATIONS, ANNOTATION))
        if found is None or not isinstance(found.node, Scalar) or found.pair is None:
            continue
        node = found.node
        words, marks, reason = _words(document, node.start + bool(node.style), node.end)
        whole = document.index.mark(found.pair.span)
        yield Suppression("document", words, marks, whole, reason.rstrip("\"'"), document=number)


def _words(document: Document, start: int, end: int) -> tuple[tuple[str, ...], tuple[Mark, ...], str]:
    """Rules with commas between them, then the reason."""
    text = document.text
    words: list[str] = []
    marks: list[Mark] = []
    at = start
    while True:
        while at < end and text[at] in " \t":
            at += 1
        match = _WORD.match(text, at, end)
        if match is None:
            break
        words.append(match[0])
        marks.append(document.index.mark(Span(*match.span())))
        at = match.end()
        comma = re.compile(r"[ \t]*,").match(text, at, end)
        if comma is None:
            break
        at = comma.end()
    return tuple(words), tuple(marks), text[at:end].strip().removeprefix("--").strip()

"""The comments of a document, by the key or item that they stand above or beside."""

from __future__ import annotations

import re
import sys
from typing import NamedTuple

from modelspec_ls.core.text import LineIndex
from modelspec_ls.syntax.lookup import Found, walk
from modelspec_ls.syntax.nodes import Alias, Document, Mapping, Missing, Scalar, Sequence, Tree

_FOUND = re.compile(r"(?:^|(?<=[\s\ufeff]))#[^\r\n]*", re.MULTILINE)
NOT_STATED = "# Not in the "
FROM_CATALOGUE = "# From the catalogue: "
"""How comments begin that a conversion writes; another one does not carry them over."""
_NOWHERE = (sys.maxsize, sys.maxsize)
_BEFORE = re.compile(r"[\s\-]*")


class Comments(NamedTuple):
    """Lines above a key, each with its ``#`` and empty ones between blocks, and the one beside it."""

    above: tuple[str, ...] = ()
    beside: str = ""

    def __add__(self, other: object) -> Comments:
        """Both, in order; the later one keeps its place beside the value."""
        if not isinstance(other, Comments):
            return NotImplemented
        if not self.beside or not other.beside:
            return Comments((*self.above, *other.above), other.beside or self.beside)
        return Comments((*self.above, self.beside, *other.above), other.beside)

    @property
    def raised(self) -> Comments:
        """All of them as lines above."""
        return Comments((*self.above, self.beside) if self.beside else self.above)


class CommentReader:
    """Hands out each comment of a document once.

    Args:
        tree: the parsed text.
        index: its lines.
        document: the document of the stream.
    """

    def __init__(self, tree: Tree, index: LineIndex, document: Document) -> None:
        self.index = index
        self.text = tree.text
        self.document = document
        self.left: dict[int, tuple[int, str]] = {}
        """By line: the column and the text of comments that nobody has taken yet."""
        if not tree.json:
            self._collect()

    def _collect(self) -> None:
        solid = iter(sorted(_solid(self.text, self.document)))
        start, end = next(solid, _NOWHERE)
        match = _FOUND.search(self.text, self.document.start, self.document.end)
        while match is not None:
            at = match.start()
            while end <= at:
                start, end = next(solid, _NOWHERE)
            if start <= at:
                # Text of a key or a value; a comment may stand behind it.
                match = _FOUND.search(self.text, end, self.document.end)
                continue
            if not match[0].startswith((NOT_STATED, FROM_CATALOGUE)):
                line = self.index.line_of(at)
                self.left[line] = (at - self.index.starts[line], match[0].rstrip())
            match = _FOUND.search(self.text, match.end(), self.document.end)

    def take(self, found: Found) -> Comments:
        """The comments of a pair or an item, which are then taken."""
        node, pair = found
        start = pair.key.start if pair is not None else node.start
        line = self.index.line_of(start)
        before = self.text[self.index.starts[line] : start].lstrip("\ufeff")
        above = self._above(line, len(before)) if _BEFORE.fullmatch(before) else ()
        return Comments(above, self._beside(found))

    def _above(self, line: int, column: int) -> tuple[str, ...]:
        first = self.index.line_of(self.document.start)
        out: list[str] = []
        line -= 1
        while line >= first:
            text = self.index.line_text(line).strip("\ufeff \t")
            if text.startswith((NOT_STATED, FROM_CATALOGUE)):
                line -= 1
                continue
            if text and (not text.startswith("#") or line not in self.left or self.left[line][0] > column):
                break
            if text or not out or out[-1]:
                out.append(self.left.pop(line)[1] if text else "")
            line -= 1
        while out and not out[-1]:
            out.pop()
        return tuple(reversed(out))

    def _beside(self, found: Found) -> str:
        node, pair = found
        block = isinstance(node, (Mapping, Sequence)) and not node.flow
        if pair is None and block:
            return ""  # What stands there belongs to the first key inside.
        at = pair.colon if pair is not None and (block or isinstance(node, Missing)) else node.end
        if isinstance(node, Scalar) and node.style in {"|", ">"}:
            at = pair.colon if pair is not None else node.start
        taken = self.left.pop(self.index.line_of(at), None)
        return taken[1] if taken is not None else ""


def _solid(text: str, document: Document) -> list[tuple[int, int]]:
    """Where a ``#`` is text: in keys and values."""
    out: list[tuple[int, int]] = []
    for _, node, pair in walk(document):
        if pair is not None:
            out.append((pair.key.start, pair.key.end))
        if isinstance(node, Scalar):
            start = node.start
            if node.style in {"|", ">"}:
                # The line of the indicator may end in a comment.
                start = max(text.find("\n", start), start)
            out.append((start, node.end))
        elif isinstance(node, Alias):
            out.append((node.start, node.end))
    return out

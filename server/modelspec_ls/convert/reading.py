"""A source document as a conversion reads it: what has been taken from it, and what is left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from modelspec_ls.core.path import DocPath
from modelspec_ls.syntax.data import to_data
from modelspec_ls.syntax.lookup import find, walk
from modelspec_ls.syntax.nodes import Document as Part
from modelspec_ls.syntax.nodes import Mapping, key_text
from modelspec_ls.workspace.document import Document

from .comments import CommentReader, Comments

MISSING: Any = object()
PLACEHOLDER = re.compile(r"<[a-z][a-z/-]*>")
"""What a conversion writes where it does not know; it is no value to the next one."""
MOST_DEVICES = 10**9
"""No number of accelerators that somebody means is larger."""
MOST_NODES = 200_000
MOST_DEPTH = 100
"""Beyond these a document is not converted: with aliases written out it would be of any size."""


class Reading:
    """One document. Each value is taken once; what nobody takes is lost.

    Args:
        file: the text with all its documents.
        part: the document of the stream.
    """

    def __init__(self, file: Document, part: Part) -> None:
        self.part = part
        found = to_data(part.root)
        self.size, self.depth = found.size, found.depth
        self.root = found.value
        self.reader = CommentReader(file.tree, file.index, part)
        self.comments_at_first = len(self.reader.left)
        self._taken: set[DocPath] = set()

    def at(self, *path: str | int) -> Any:
        """The value at a path, ``MISSING`` without one."""
        value = self.root
        for key in path:
            inside = isinstance(value, dict) and key in value
            if not inside and not (isinstance(value, list) and isinstance(key, int) and key < len(value)):
                return MISSING
            value = value[key]
        return value

    def text(self, *path: str | int) -> str | None:
        """A text that says something."""
        value = self.at(*path)
        return value if isinstance(value, str) and value.strip() and not PLACEHOLDER.fullmatch(value) else None

    def whole(self, *path: str | int) -> int | None:
        """A whole number from 1."""
        value = self.at(*path)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > MOST_DEVICES:
            return None
        return int(value) if value >= 1 and int(value) == value else None

    def mapping(self, *path: str | int) -> dict[str, Any]:
        """A mapping; an empty one for anything else."""
        value = self.at(*path)
        return value if isinstance(value, dict) else {}

    def take(self, *path: str | int) -> Comments:
        """Say that a value, with all in it, is in the result; returns its comments."""
        self._taken.add(path)
        return self.comments(*path)

    def taken(self, *path: str | int) -> bool:
        """Whether a value was taken, alone or with one that it is in."""
        return any(path[:n] in self._taken for n in range(len(path) + 1))

    def comments(self, *path: str | int) -> Comments:
        """The comments of a key, for instance of a section that has a counterpart."""
        found = find(self.part, path)
        return self.reader.take(found) if found is not None else Comments()

    def left(self) -> Iterator[tuple[DocPath, Any]]:
        """What nobody took: whole sections where nothing in them was taken. Empty values say nothing."""
        yield from self._left((), self.root)

    def _left(self, path: DocPath, value: Any) -> list[tuple[DocPath, Any]]:
        if path in self._taken or not _says_something(value):
            return []
        if not isinstance(value, (dict, list)):
            return [(path, value)]
        if path and not any(taken[: len(path)] == path for taken in self._taken):
            return [(path, value)]
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [left for key, item in items for left in self._left((*path, key), item)]

    def repeated(self) -> Iterator[tuple[DocPath, Any]]:
        """Keys that stand twice: of each all but the last, which is the one that counts."""
        for path, node, _ in walk(self.part):
            if not isinstance(node, Mapping):
                continue
            last = {key_text(pair.key): pair for pair in node.pairs}
            for pair in node.pairs:
                key = key_text(pair.key)
                if key is not None and last[key] is not pair and key != "<<":
                    yield (*path, key), to_data(pair.value).value

    @property
    def comments_left(self) -> int:
        """Comments that are not in the result."""
        return len(self.reader.left)


def _says_something(value: Any) -> bool:
    """Whether there is a value anywhere in it."""
    if isinstance(value, dict):
        return any(_says_something(item) for item in value.values())
    return any(_says_something(item) for item in value) if isinstance(value, list) else value is not None

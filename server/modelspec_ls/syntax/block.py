"""The usual block style, read line by line without the parser: nine of ten lines of a spec.

A line that is more than ``key: value`` or ``- value`` goes to the parser, with the lines below it and no others. A
text that is not put together in the usual way is left to it as a whole. The tree is the same: tests hold both together.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import cache, lru_cache
from sys import intern
from typing import Any

from modelspec_ls.core.text import LineIndex

from .nodes import Document, Mapping, Missing, Node, Pair, Scalar, Sequence

Read = Callable[[str, int, int], tuple[Document, ...] | None]
"""Reads a part of the text by itself: the part, its offset, its depth. None where that cannot be done."""

MAX_DEPTH = 40
"""Deeper text is left to the parser, which knows the limit."""

_WORD = r"(?:[A-Za-z0-9_./~+$]|-(?=[^ \t\r\n]))"
_REST = r"[^ \t\r\n:#]*(?:(?::(?=[^ \t\r\n])|#| +(?=[^ \t\r\n#]))[^ \t\r\n:#]*)*"
_BLANK = re.compile(r" *(?:#[^\r\n]*)?\r?")
_LINE = re.compile(
    r"( *)((?:- +)*)(?:([A-Za-z_][\w./-]{0,200}):(?=[ \r]|\Z) *)?"
    rf"(?:({_WORD}{_REST})|\"([^\"\\\r\n]*)\"|'([^'\r\n]*)')?"
    r" *(?: #[^\r\n]*)?\r?"
)
_DASH = re.compile("- +")
# What only the parser can follow through a text: tabs, and other line breaks.
_STRANGE = re.compile("[\t\x85\u2028\u2029\ufeff]|\r(?!\n)")
_LINKED = frozenset("&*")
_FEW = 32
"""So many parts may go to the parser whatever the text's size; more, if they are one in ``_SHARE`` lines."""
_SHARE = 8


class _Frame:
    """A collection whose end has not been seen."""

    __slots__ = ("children", "colon", "column", "key", "keys_at", "mapping", "start")

    def __init__(self, column: int, start: int, *, mapping: bool) -> None:
        self.column = column
        self.keys_at = column if mapping else -1
        """Where further keys of it stand."""
        self.start = start
        self.mapping = mapping
        self.children: list[Any] = []
        self.key: Scalar | None = None
        """A key whose value has not been seen, and the offset after its colon."""
        self.colon = 0


def read_block(text: str, read: Read, starts: list[int] | None = None) -> tuple[Document, ...] | None:
    """The documents of a text in block style; None where the parser has to read it.

    ``read``: reads a part, such as a list in brackets. ``starts``: where the lines begin, if the caller knows.
    """
    # Most texts are plain, which is seen a hundred times faster.
    plain = text.isascii() and "\t" not in text and "\r" not in text
    if not plain and _STRANGE.search(text):
        return None
    return _Reader(text, read, starts or LineIndex(text).starts).run()


_Shape = tuple[int, str, str | None, str | None, str, int, int]
"""Indentation, dashes, key, value, its style, and where it starts and ends in the line."""
_OTHER: _Shape = (0, "", None, None, "", 0, 0)
"""A line for the parser."""


def _read_line(line: str) -> _Shape | None:
    """What a line says without those around it; None where nothing is on it."""
    if _BLANK.fullmatch(line):
        return None
    match = _LINE.fullmatch(line)
    if match is None:
        return _OTHER
    indent, dashes, key, plain, double, single = match.groups()
    if key is not None:
        key = intern(key)  # As the names in our code are: comparing two costs nothing.
    if plain is not None:
        return len(indent), dashes, key, plain, "", *match.span(4)
    if double is not None:
        return len(indent), dashes, key, double, '"', match.start(5) - 1, match.end(5) + 1
    if single is not None:
        return len(indent), dashes, key, single, "'", match.start(6) - 1, match.end(6) + 1
    return len(indent), dashes, key, None, "", 0, 0


_SHORT = 120
_shape = lru_cache(maxsize=16384)(_read_line)
"""Specs repeat each other's lines, and a text after a keystroke those before it."""
_NO_FRAME = _Frame(-1, 0, mapping=False)
# Nodes are made by the thousand at every keystroke; by their classes that takes twice as long.
_new: Any = tuple.__new__


class _Unusual(Exception):
    """The text is for the parser."""


class _Reader:
    def __init__(self, text: str, read: Read, starts: list[int]) -> None:
        self.text = text
        self.read = read
        self.starts = starts
        self.stack: list[_Frame] = []
        self.root: Node | None = None
        self.documents: list[Document] = []
        self.start = 0
        self.explicit = False

    def run(self) -> tuple[Document, ...] | None:
        try:
            self.lines()
            self.end_document(len(self.text))
        except _Unusual:
            return None
        return tuple(self.documents)

    def lines(self) -> None:
        stack = self.stack
        skip = parts = 0
        frame = _NO_FRAME  # The innermost one.
        for at, line in zip(self.starts, self.text.split("\n"), strict=True):
            if at < skip:
                continue
            shape = _shape(line) if len(line) <= _SHORT else _read_line(line)
            if shape is None:
                continue
            if shape is _OTHER:
                if self.separates(line, at):
                    frame = _NO_FRAME
                    continue
                parts += 1
                if parts > _FEW and parts * _SHARE > bisect_right(self.starts, at):
                    raise _Unusual
                skip = self.part(line, at, min(at + len(line) + 1, len(self.text)))
                frame = stack[-1]
                continue
            column, dashes, key, text, style, start, end = shape
            value = None if text is None else _new(Scalar, (at + start, at + end, text, style, None, None))
            begin = at + column
            if key is None:
                if value is None or not dashes:
                    if column == 0 and self.separates(line, begin):
                        frame = _NO_FRAME
                        continue
                    raise _Unusual  # Such as the second line of a text.
                self.items(column, begin, dashes)
                frame = stack[-1]
                frame.children.append(value)
                continue
            if dashes:
                column = self.items(column, begin, dashes)
                begin += len(dashes)
                frame = self.open(column, begin, mapping=True)
            elif frame.keys_at != column or frame.key is not None:  # Most lines go on where the last one stopped.
                frame = self.mapping_at(column, begin)
            end = begin + len(key)
            name = _new(Scalar, (begin, end, key, "", None, None))
            if value is not None:
                frame.children.append(_new(Pair, (name, value, end + 1)))
            else:
                frame.key, frame.colon = name, end + 1

    def mapping_at(self, column: int, start: int) -> _Frame:
        """The mapping that a key at a column belongs to."""
        stack = self.stack
        if stack and stack[-1].column < column and stack[-1].key is not None:
            return self.open(column, start, mapping=True)
        while stack and stack[-1].column > column:
            self.close()
        if stack and stack[-1].column == column and not stack[-1].mapping:
            self.close()
        top = stack[-1] if stack else None
        if top is not None and top.column == column:
            if top.key is not None:
                self.empty(top)
            return top
        self.may_open(top)
        return self.open(column, start, mapping=True)

    def items(self, column: int, start: int, dashes: str) -> int:
        """Put the items that dashes begin where they belong; returns the column behind the last dash."""
        stack = self.stack
        while stack and stack[-1].column > column:
            self.close()
        top = stack[-1] if stack else None
        if top is None or top.mapping or top.column != column:
            self.may_open(top)
            self.open(column, start, mapping=False)
        first = True
        for dash in _DASH.findall(dashes):
            if not first:
                self.open(column, start, mapping=False)
            first = False
            column += len(dash)
            start += len(dash)
        return column

    def may_open(self, top: _Frame | None) -> None:
        """Whether a collection may begin here: as the whole document, or as the value of a key without one."""
        if (top is None and self.root is not None) or (top is not None and top.key is None):
            raise _Unusual

    def open(self, column: int, start: int, *, mapping: bool) -> _Frame:
        if len(self.stack) >= MAX_DEPTH:
            raise _Unusual
        frame = _Frame(column, start, mapping=mapping)
        self.stack.append(frame)
        return frame

    def empty(self, frame: _Frame) -> None:
        """A key without a value."""
        assert frame.key is not None
        frame.children.append(Pair(frame.key, Missing(frame.colon, frame.colon), frame.colon))
        frame.key = None

    def close(self) -> None:
        frame = self.stack.pop()
        if frame.key is not None:
            self.empty(frame)
        children = tuple(frame.children)
        if frame.mapping:
            _, value, colon = children[-1]
            node: Node = _new(Mapping, (frame.start, max(value.end, colon), children, False, None, None))
        else:
            node = _new(Sequence, (frame.start, children[-1].end, children, False, None, None))
        if not self.stack:
            self.root = node
            return
        above = self.stack[-1]
        if above.key is not None:
            above.children.append(_new(Pair, (above.key, node, above.colon)))
            above.key = None
        else:
            above.children.append(node)

    # ------------------------------------------------------------------ parts for the parser
    def part(self, line: str, start: int, end: int) -> int:
        """Have the parser read an entry of a collection; returns where the next one starts."""
        column = len(line) - len(line.lstrip(" "))
        following = _until(column).search(self.text, end)
        end = following.start() if following else len(self.text)
        part = self.text[start:end]
        if not _LINKED.isdisjoint(part) or line.startswith("?", column):
            raise _Unusual
        if line.startswith("-", column):
            self.items(column, start + column, "- ")
        else:
            self.mapping_at(column, start + column)
        found = self.read(part, start, len(self.stack))
        root = found[0].root if found is not None and len(found) == 1 and not found[0].explicit else None
        frame = self.stack[-1]
        if not isinstance(root, Mapping if frame.mapping else Sequence) or root.flow or root.start != start + column:
            raise _Unusual
        assert isinstance(root, (Mapping, Sequence))
        frame.children.extend(root.pairs if isinstance(root, Mapping) else root.items)
        return end

    # ------------------------------------------------------------------ documents
    def separates(self, line: str, start: int) -> bool:
        """Whether the line separates documents, which are then ended and begun."""
        if line[:1] == "%" or line[:3] == "...":
            raise _Unusual
        if line[:3] != "---":
            return False
        if line.rstrip(" \r") != "---":
            raise _Unusual
        if self.stack or self.root is not None or self.explicit:
            self.end_document(start)
        self.start, self.explicit = start, True
        return True

    def end_document(self, end: int) -> None:
        while self.stack:
            self.close()
        if self.root is None:
            raise _Unusual  # An empty document.
        self.documents.append(Document(len(self.documents), self.start, end, self.root, self.explicit))
        self.root = None


@cache
def _until(column: int) -> re.Pattern[str]:
    """The next line with something on it that does not stand further in."""
    return re.compile(rf"^ {{0,{column}}}(?![ \r\n#]|\Z)", re.MULTILINE)

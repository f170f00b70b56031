r"""Spans, line indexes and the three position encodings of the protocol.

Offsets count code points. A position is a 0-based line and a 0-based character in units of the
encoding. Lines end at ``\n``, ``\r\n`` and ``\r`` only, as the protocol says: NEL, U+2028 and
form feed do not end a line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import Any, Literal, NamedTuple

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE_END = re.compile(r"\r\n|\r|\n")
_CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2)}


class Span(NamedTuple):
    """A half-open range of code points."""

    start: int
    end: int

    def contains(self, offset: int) -> bool:
        """Whether the offset lies inside or at either edge."""
        return self.start <= offset <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two ranges share a character, or touch where one of them is empty."""
        if self.start == self.end or other.start == other.end:
            return self.start <= other.end and other.start <= self.end
        return self.start < other.end and other.start < self.end


class Position(NamedTuple):
    """A 0-based line and a 0-based character in units of some encoding."""

    line: int
    character: int


class TextEdit(NamedTuple):
    """Replace a span of the original text."""

    span: Span
    new_text: str


class Mark(NamedTuple):
    """A range within one line that can be converted without the text: what stands elsewhere does not move it.

    ``start`` and ``end`` count code points in the line. ``text`` is the line up to ``end``, empty where it is ASCII.
    """

    line: int
    start: int
    end: int
    text: str = ""

    def range(self, encoding: Encoding) -> tuple[Position, Position]:
        """Both ends as positions."""
        if not self.text:
            return Position(self.line, self.start), Position(self.line, self.end)
        start, end = units(self.text[: self.start], encoding), units(self.text, encoding)
        return Position(self.line, start), Position(self.line, end)


PlainMark = tuple[int, int, int, str]
"""The parts of a ``Mark``: sooner made, and sooner written to a cache."""


def apply_edits(text: str, edits: list[TextEdit] | tuple[TextEdit, ...]) -> str:
    """Return the text with all edits applied. Edits must not overlap; their order does not matter."""
    out: list[str] = []
    last = 0
    for edit in sorted(edits, key=lambda e: e.span):
        if edit.span.start < last:
            raise ValueError(f"edits overlap at offset {edit.span.start}")
        out += [text[last : edit.span.start], edit.new_text]
        last = edit.span.end
    out.append(text[last:])
    return "".join(out)


def overlapping(edits: Iterable[TextEdit]) -> bool:
    """Whether some edits cannot be made together."""
    spans = sorted(edit.span for edit in edits)
    return any(before.end > after.start for before, after in pairwise(spans))


def units(text: str, encoding: Encoding) -> int:
    """Length of the text in code units of the encoding."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    codec, width = _CODECS[encoding]
    return len(text.encode(codec, "surrogatepass")) // width


_new: Any = tuple.__new__


class LineIndex:
    """Where the lines of a text start; converts offsets to positions and back."""

    __slots__ = ("_ascii", "_plain", "starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        if "\r" in text:
            self.starts = [0, *(m.end() for m in _LINE_END.finditer(text))]
        else:
            lengths = [len(line) + 1 for line in text.split("\n")]
            self.starts = list(accumulate(lengths[:-1], initial=0))
        self._ascii = text.isascii()
        self._plain = self._ascii and "\r" not in text

    @property
    def line_count(self) -> int:
        """Number of lines; a text that ends in a line break has an empty last line."""
        return len(self.starts)

    def line_of(self, offset: int) -> int:
        """The 0-based line that holds the offset."""
        return bisect_right(self.starts, max(offset, 0)) - 1

    def line_span(self, line: int) -> Span:
        """The line's span without its line break."""
        start = self.starts[line]
        if line + 1 >= len(self.starts):
            return Span(start, len(self.text))
        end = self.starts[line + 1] - 1
        if self.text[end] == "\n" and end > start and self.text[end - 1] == "\r":
            end -= 1
        return Span(start, end)

    def line_text(self, line: int) -> str:
        """The line's text without its line break."""
        start, end = self.line_span(line)
        return self.text[start:end]

    def mark(self, span: Span) -> Mark:
        """The first line of a span as a mark."""
        return Mark(*self.plain_mark(*span))

    def plain_mark(self, begin: int, end: int) -> PlainMark:
        """The first line of a span as the parts of a mark, for those who keep thousands."""
        starts = self.starts
        line = bisect_right(starts, begin) - 1 if begin > 0 else 0
        start = starts[line]
        following = starts[line + 1] if line + 1 < len(starts) else 0
        if self._ascii and start <= begin < end < following and self.text[end - 1] != "\r":
            # The usual case, a word within its line, without looking for the line's end.
            return line, begin - start, end - start, ""
        start, stop = self.line_span(line)
        end = min(max(end, begin), stop)
        text = "" if self._ascii else self.text[start:end]
        return line, min(begin, stop) - start, end - start, "" if text.isascii() else text

    def span_of(self, mark: Mark) -> Span:
        """Where a mark stands in this text, as far as the text has it."""
        if mark.line >= len(self.starts):
            return Span(len(self.text), len(self.text))
        start, stop = self.line_span(mark.line)
        return Span(min(start + mark.start, stop), min(start + mark.end, stop))

    def position(self, offset: int, encoding: Encoding = "utf-16") -> Position:
        """Convert an offset; one inside a line break counts as the line's end."""
        if self._plain and 0 <= offset <= len(self.text):
            # The usual case, without looking for the line's end; an outline asks for thousands.
            line = bisect_right(self.starts, offset) - 1
            found: Position = _new(Position, (line, offset - self.starts[line]))
            return found
        offset = min(max(offset, 0), len(self.text))
        line = self.line_of(offset)
        start, end = self.line_span(line)
        offset = min(offset, end)
        if self._ascii:
            return Position(line, offset - start)
        return Position(line, units(self.text[start:offset], encoding))

    def offset(self, position: Position, encoding: Encoding = "utf-16") -> int:
        """Convert a position; past the line's end means its end, past the last line the text's end.

        A position inside a surrogate pair or a multi-byte character means the character's start.
        """
        line, character = position
        if line < 0:
            return 0
        if line >= len(self.starts):
            return len(self.text)
        start, end = self.line_span(line)
        if character <= 0:
            return start
        if self._ascii or encoding == "utf-32":
            return min(start + character, end)
        return start + _column(self.text[start:end], character, encoding)


def _column(content: str, character: int, encoding: Encoding) -> int:
    """Where a character of a line begins, in code points."""
    if encoding == "utf-32" or content.isascii():
        return min(character, len(content))
    codec, width = _CODECS[encoding]
    try:
        # A character that is cut in two is left out.
        return len(content[:character].encode(codec)[: character * width].decode(codec, "ignore"))
    except UnicodeEncodeError:  # Halves of characters: nothing but counting tells them from whole ones.
        passed = 0
        for at, char in enumerate(content[:character]):
            passed += units(char, encoding)
            if passed > character:
                return at
        return min(character, len(content))


class LineBuffer:
    """A text as its lines, for many changes one after another: each costs no more than the lines that it touches."""

    def __init__(self, text: str) -> None:
        self._lines = _split(text)

    @property
    def text(self) -> str:
        """The text now."""
        return "".join(self._lines)

    def replace(self, start: Position, end: Position, new: str, encoding: Encoding) -> None:
        """Put a text in place of a range. Positions that are not there count as those of ``LineIndex.offset``."""
        lines = self._lines
        (first, begin), (last, stop) = sorted((self._place(start, encoding), self._place(end, encoding)))
        text = lines[first][:begin] + new + lines[last][stop:]
        if first and text.startswith("\n") and lines[first - 1].endswith("\r"):
            # They have become one line break.
            first -= 1
            text = lines[first] + text
        made = _split(text)
        if last + 1 < len(lines):
            made.pop()
        lines[first : last + 1] = made

    def _place(self, position: Position, encoding: Encoding) -> tuple[int, int]:
        line, character = position
        if line < 0:
            return 0, 0
        if line >= len(self._lines):
            return len(self._lines) - 1, len(self._lines[-1])
        return line, _column(self._lines[line].rstrip("\r\n"), max(character, 0), encoding)


def _split(text: str) -> list[str]:
    """The lines with their breaks; the last one has none."""
    return [text[start:end] for start, end in pairwise([*LineIndex(text).starts, len(text)])]

"""A text whose lines may be exchanged one by one, and the way back to offsets of the original."""

from __future__ import annotations

from bisect import bisect_right
from os.path import commonprefix

from modelspec_ls.core.text import LineIndex


class PatchedLines:
    """The original's lines with some replaced. Line breaks never change, so lines keep their numbers."""

    __slots__ = ("_new_starts", "_shifted", "index", "original", "patches", "text")

    def __init__(self, index: LineIndex, patches: dict[int, str]) -> None:
        self.index = index
        self.original = index.text
        self.patches = patches
        self.text = self._render()
        self._shifted = any(len(new) != _length(index, line) for line, new in patches.items())
        self._new_starts = LineIndex(self.text).starts if self._shifted else index.starts

    def _render(self) -> str:
        out: list[str] = []
        last = 0
        for line in sorted(self.patches):
            start, end = self.index.line_span(line)
            out += [self.original[last:start], self.patches[line]]
            last = end
        out.append(self.original[last:])
        return "".join(out)

    def line_text(self, line: int) -> str:
        """The line as it is now."""
        return self.patches[line] if line in self.patches else self.index.line_text(line)

    def start_of(self, line: int) -> int:
        """Where the line starts in the patched text."""
        return self._new_starts[line]

    def line_of(self, offset: int) -> int:
        """The line that holds an offset of the patched text."""
        return bisect_right(self._new_starts, offset) - 1

    @property
    def mapper(self) -> _Mapper | None:
        """Patched offset to original offset, or None where they are the same."""
        return _Mapper(self) if self._shifted else None

    def to_original(self, offset: int) -> int:
        """The original offset: exact outside replaced lines, and inside their unchanged head and tail."""
        if not self._shifted:
            return offset
        line = self.line_of(offset)
        column = offset - self._new_starts[line]
        start, end = self.index.line_span(line)
        new = self.patches.get(line)
        if new is None:
            return start + column
        old = self.original[start:end]
        head = len(commonprefix([old, new]))
        if column <= head:
            return start + column
        if column > len(new):
            return end + column - len(new)
        tail = len(commonprefix([old[head:][::-1], new[head:][::-1]]))
        if column >= len(new) - tail:
            return end - (len(new) - column)
        return start + min(column, len(old) - tail)


def _length(index: LineIndex, line: int) -> int:
    start, end = index.line_span(line)
    return end - start


class _Mapper:
    """``to_original`` as a function with the common case inlined."""

    __slots__ = ("patched",)

    def __init__(self, patched: PatchedLines) -> None:
        self.patched = patched

    def __call__(self, offset: int) -> int:
        return self.patched.to_original(offset)

"""A text whose lines may be exchanged one by one, and the way back to offsets of the original."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable

from modelspec_ls.core.text import LineIndex


class PatchedLines:
    """The original's lines with some replaced. Line breaks never change, so lines keep their numbers."""

    __slots__ = ("_ends", "_growth", "_starts", "index", "original", "patched", "patches", "text")

    def __init__(self, index: LineIndex, patches: dict[int, str]) -> None:
        self.index = index
        self.original = index.text
        self.patches = patches
        self.patched = sorted(patches)
        # Of each replaced line: its start and end in the new text, and how much longer that is up to there.
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._growth: list[int] = []
        self.text = self._render()

    def _render(self) -> str:
        out: list[str] = []
        last = growth = 0
        for line in self.patched:
            start, end = self.index.line_span(line)
            new = self.patches[line]
            out += [self.original[last:start], new]
            self._starts.append(start + growth)
            self._ends.append(start + growth + len(new))
            growth += len(new) - (end - start)
            self._growth.append(growth)
            last = end
        out.append(self.original[last:])
        return "".join(out)

    def line_text(self, line: int) -> str:
        """The line as it is now."""
        return self.patches[line] if line in self.patches else self.index.line_text(line)

    def start_of(self, line: int) -> int:
        """Where the line starts in the patched text."""
        before = bisect_left(self.patched, line)
        return self.index.starts[line] + (self._growth[before - 1] if before else 0)

    def line_of(self, offset: int) -> int:
        """The line that holds an offset of the patched text."""
        return self.index.line_of(self.to_original(offset))

    @property
    def mapper(self) -> Callable[[int], int] | None:
        """Patched offset to original offset, or None where they are the same."""
        return self.to_original if any(self._growth) else None

    def to_original(self, offset: int) -> int:
        """The original offset: exact outside replaced lines, and inside their unchanged head and tail."""
        at = bisect_right(self._starts, offset) - 1
        if at < 0:
            return offset
        if offset > self._ends[at]:
            return offset - self._growth[at]
        line = self.patched[at]
        column = offset - self._starts[at]
        start, end = self.index.line_span(line)
        old, new = self.original[start:end], self.patches[line]
        head = common(old, new)
        tail = common(old[head:][::-1], new[head:][::-1])
        if tail and column >= len(new) - tail:
            return end - (len(new) - column)
        return start + min(column, max(head, len(old) - tail))


def common(one: str, other: str) -> int:
    """How many characters both start with."""
    length = min(len(one), len(other))
    return next((i for i in range(length) if one[i] != other[i]), length)

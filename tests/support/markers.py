"""Findings written into the text that they are about, as comments that people can read.

A marker stands on the line below the one it marks; several may follow each other:

    maxBatchsize: 8
#   ^^^^^^^^^^^^ error[unknown-field]: Did you mean `maxBatchSize`?

The carets stand under the exact columns of the finding, the text is a part of its message. A finding that
covers several lines is marked to the end of its first one. Where the comment sign is in the way, or the
finding starts before the line's first token, `# <- error[rule]: text` marks the start of the line.
"""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from modelspec_ls.core.finding import Diagnostic
from modelspec_ls.core.text import LineIndex

_LOOKS_LIKE_ONE = re.compile(r"\s*#\s*(\^|<-)")
_MARKER = re.compile(
    r"\s*#\s*(?P<sign>\^+|<-)\s+(?P<severity>error|warning|information|hint)\[(?P<rule>[\w-]+)\]: (?P<text>.*\S)\s*"
)


class Marker(NamedTuple):
    """An expected finding. ``line`` is the marked line, 0-based; ``end_column`` is None for ``<-``."""

    line: int
    start_column: int
    end_column: int | None
    severity: str
    rule: str
    text: str

    def fits(self, place: "Marker", message: str) -> bool:
        """Whether a finding at a place is the expected one."""
        same_columns = (
            place.start_column <= self.start_column
            if self.end_column is None
            else (place.start_column, place.end_column) == (self.start_column, self.end_column)
        )
        return same_columns and place[0] == self.line and place[3:5] == self[3:5] and self.text in message

    def __str__(self) -> str:
        """As a line of a fixture, to be pasted below the marked one."""
        sign = "# <-"
        if self.end_column is not None and self.start_column:
            sign = "#".ljust(self.start_column) + "^" * (self.end_column - self.start_column)
        return f"{sign} {self.severity}[{self.rule}]: {self.text}"


def parse_markers(text: str) -> tuple[Marker, ...]:
    """All markers of a text, in order.

    Raises:
        ValueError: a comment looks like a marker and is none.
    """
    index = LineIndex(text)
    markers: list[Marker] = []
    marked = -1
    for line in range(index.line_count):
        source = index.line_text(line)
        if not _LOOKS_LIKE_ONE.match(source):
            marked = line
            continue
        match = _MARKER.fullmatch(source)
        if match is None or marked < 0:
            raise ValueError(f"line {line + 1}: not a marker: {source.strip()}")
        above = index.line_text(marked)
        start, end = match.span("sign")
        if match["sign"] == "<-":
            start, end = len(above) - len(above.lstrip()), None
        markers.append(Marker(marked, start, end, match["severity"], match["rule"], match["text"]))
    return tuple(markers)


def check(text: str, diagnostics: Iterable[Diagnostic], index: LineIndex) -> list[str]:
    """What differs between the markers of a text and its findings; each needs exactly one of the other."""
    problems: list[str] = []
    missing = list(parse_markers(text))
    for diagnostic in diagnostics:
        place = as_marker(diagnostic, index)
        marker = next((m for m in missing if m.fits(place, diagnostic.message)), None)
        if marker is None:
            problems.append(f"line {place.line + 1}: no marker for\n{place}")
        else:
            missing.remove(marker)
    return problems + [f"line {marker.line + 1}: no finding for\n{marker}" for marker in missing]


def as_marker(diagnostic: Diagnostic, index: LineIndex) -> Marker:
    """The marker that fits a finding, with its whole message."""
    start, end = diagnostic.span
    line = index.line_of(start)
    line_start, line_end = index.line_span(line)
    column = start - line_start
    width = max(min(end, line_end) - start, 1)
    return Marker(line, column, column + width, diagnostic.severity.label, diagnostic.name, diagnostic.message)


def with_markers(text: str, diagnostics: Iterable[Diagnostic], index: LineIndex) -> str:
    """The text with a marker line below each finding, for writing a fixture."""
    markers = sorted(as_marker(d, index) for d in diagnostics)
    below = {line: [f"{marker}\n" for marker in group] for line, group in groupby(markers, key=lambda m: m.line)}
    lines = [index.text[a:b] for a, b in zip(index.starts, [*index.starts[1:], len(text)], strict=True)]
    return "".join("".join([line, *below.get(number, [])]) for number, line in enumerate(lines))

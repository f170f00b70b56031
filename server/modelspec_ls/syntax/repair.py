"""Diagnosis by repair: readings of the suspect lines are tried, and the one that keeps most keys wins.

So the rest of the document stays readable, and the winner says what was wrong in a person's words.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from .build import scan
from .events import YamlFault
from .lines import PatchedLines
from .outline import Outline, above, indent_of, is_content, is_marker
from .readings import Candidate, block_readings, looks_like_key, open_quote, readings

WINDOW = 25
"""Lines around the suspects that a candidate is tried on; ancestors' lines are added above."""

MAX_PROBED_LINES = 4000
"""Lines that are read to try the candidates for one fault: fewer candidates in larger windows."""

MAX_WHOLE = 1000
"""Lines of a text that is tried as a whole when the fault does not show in a part of it."""

FAR = 120
"""A suspect so many lines from the fault is judged by its own surroundings."""


def choose(patched: PatchedLines, fault: YamlFault) -> Candidate | None:
    """The best repair for the fault, or None when no line can be blamed."""
    place = _place(patched, fault)
    if place < 0:
        return None
    outline = Outline(patched, place)
    at = fault.offset - patched.start_of(place) if patched.line_of(fault.offset) == place else None
    near: list[Candidate] = []
    far: list[tuple[int, list[Candidate]]] = []
    for rank, line in enumerate(_suspects(outline, fault)):
        own = outline if line in outline.levels else Outline(patched, line)
        found = [
            c._replace(cost=c.cost + 0.01 * rank)
            for c in readings(own, line, fault.problem, at if line == place else None)
        ]
        if place - line > FAR:
            far.append((line, found))
        else:
            near += found
    near += block_readings(outline, place, fault.problem)
    lines = [c.line for c in near]
    best: tuple[float, Candidate] | None = None
    if near:
        window = _Window(patched, min(lines), place)
        if window.fault_line is None and patched.index.line_count <= MAX_WHOLE:
            window = _Window(patched, 0, patched.index.line_count - 1)
        best = _best(window, near, best)
    for line, found in far:
        best = _best(_Window(patched, line, line), found, best)
    return best[1] if best else None


def _best(
    window: _Window, candidates: list[Candidate], best: tuple[float, Candidate] | None
) -> tuple[float, Candidate] | None:
    """Try the cheap ones first, until no dearer one can win. Without a fault in the window there is no telling."""
    if window.fault_line is None:
        return best
    most = max(MAX_PROBED_LINES // len(window.lines), 8)
    for candidate in sorted(candidates, key=lambda c: c.cost)[:most]:
        if best is not None and best[0] <= candidate.cost:
            break
        loss = window.loss(candidate)
        if loss is not None and (best is None or loss + candidate.cost < best[0]):
            best = (loss + candidate.cost, candidate)
    return best


def skip(patched: PatchedLines, fault: YamlFault, *, document: bool) -> Candidate | None:
    """Blank what cannot be read: to the next line without indentation, or to the document's end."""
    last = patched.index.line_count
    place = min(patched.line_of(fault.offset), last - 1)
    first = min(place, patched.line_of(fault.context_offset)) if _scanning(fault) else place
    first = max(_content(patched, first), 0)
    stop = place + 1
    while stop < last:
        text = patched.line_text(stop)
        if is_marker(text) or (not document and text[:1] not in {"", " ", "\t", "#", "-", "]", "}"}):
            break
        stop += 1
    blank = [(n, " " * len(patched.line_text(n))) for n in range(first, stop)]
    changed = [(n, text) for n, text in blank if text != patched.line_text(n)]
    if not changed:
        return None
    (line, text), *more = changed
    return Candidate(line, text, "skip", 0, fault.problem, tuple(more))


def _scanning(fault: YamlFault) -> bool:
    return fault.context.startswith("while scanning") or "flow" in fault.context


def _content(patched: PatchedLines, line: int) -> int:
    """The nearest content line at or above."""
    return line if is_content(patched.line_text(line)) else above(patched, line)


def _place(patched: PatchedLines, fault: YamlFault) -> int:
    """The content line at which the parser gave up."""
    return _content(patched, min(patched.line_of(fault.offset), patched.index.line_count - 1))


def _suspects(outline: Outline, fault: YamlFault) -> list[int]:
    """Lines that may have caused the fault, likeliest first."""
    patched = outline.patched
    place = outline.line
    out = []
    if _scanning(fault):
        out.append(_content(patched, patched.line_of(fault.context_offset)))
    out.extend(_open_quotes(patched, place))
    out.append(place)
    out.extend(_misaligned(outline))
    out.append(above(patched, place))
    return [line for line in dict.fromkeys(out) if line >= 0]


def _open_quotes(patched: PatchedLines, place: int) -> Iterator[int]:
    """The nearest line above with an open quote: what follows was read as text, up to the next quote."""
    for line in range(place, max(place - 2000, -1), -1):
        if open_quote(patched.line_text(line)):
            yield line
            if line < place:
                return


def _misaligned(outline: Outline) -> Iterator[int]:
    """Lines above that may stand too far left or right, to the harm of the one in question."""
    place = outline.line
    levels = outline.levels.get(place, ())
    own = indent_of(outline.patched.line_text(place))
    popped = [level for level in levels if level.column > own]
    if popped:
        # Too far right: this opened a column that should have been our own.
        yield popped[0].line
        # Too far left: the line it hangs from.
        yield above(outline.patched, popped[0].line)
    # Too far left: this closed the column that we stand in.
    if own in outline.closed and all(level.column != own for level in levels):
        yield outline.closed[own]


class _Window:
    """The lines around the suspects with the lines they hang from: small, but of the same structure."""

    def __init__(self, patched: PatchedLines, first: int, last: int) -> None:
        first = max(first - WINDOW, 0)
        last = _sibling_below(patched, last)
        self.numbers = [*_ancestors(patched, first), *range(first, last + 1)]
        self.lines = [patched.line_text(n) for n in self.numbers]
        self.at = {number: i for i, number in enumerate(self.numbers)}
        self.expected = [0, *accumulate(looks_like_key(text) for text in self.lines)]
        self.fault_line = self._try(self.lines)[1]

    def loss(self, candidate: Candidate) -> float | None:
        """Keys lost with the candidate in place; None if it does not help at all."""
        lines = self.lines.copy()
        for line, text in candidate.patches.items():
            if line in self.at:
                lines[self.at[line]] = text
        keys, fault_line = self._try(lines)
        if fault_line is None:
            return max(self.expected[-1] - keys, 0)
        if self.fault_line is not None and fault_line <= self.fault_line:
            return None
        # There is another accident further down. Only what was read is compared, and how far it went.
        unread = len(lines) - fault_line
        return max(self.expected[min(fault_line, len(lines))] - keys, 0) + 1 + 0.1 * min(unread, WINDOW)

    @staticmethod
    def _try(lines: list[str]) -> tuple[int, int | None]:
        text = "\n".join(lines) + "\n"
        keys, fault = scan(text)
        if fault is None:
            return keys, None
        # A quote or a bracket that is never closed counts where it is opened: all up to the end is lost.
        offset = fault.context_offset if _scanning(fault) else fault.offset
        return keys, text.count("\n", 0, offset)


def _sibling_below(patched: PatchedLines, line: int) -> int:
    """The end of the window: past the next line that stands no deeper, or a repair's harm to it would not show."""
    own = indent_of(patched.line_text(line))
    last = min(line + WINDOW, patched.index.line_count - 1)
    for number in range(line + 1, min(line + FAR, patched.index.line_count)):
        text = patched.line_text(number)
        if is_content(text) and indent_of(text) <= own:
            return max(last, number)
    return last


def _ancestors(patched: PatchedLines, first: int) -> list[int]:
    """The lines above that open the collections around line ``first``."""
    start = _content(patched, first)
    if start < 0:
        return []
    indent = indent_of(patched.line_text(start)) + (start < first)
    out: list[int] = []
    line = start if start < first else start - 1
    while line >= 0 and indent > 0:
        text = patched.line_text(line)
        if is_content(text) and indent_of(text) < indent:
            out.append(line)
            indent = indent_of(text)
        line -= 1
    return out[::-1]

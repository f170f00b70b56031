"""The shape of a text by its indentation alone: what still can be told where YAML cannot be read.

A column is open at a line when a line above starts there and nothing further left has come since.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .lines import PatchedLines

REACH = 400
"""Lines that are looked at above the one in question, unless a line without indentation comes first."""

MAX_LINE = 1000
"""A longer line is not a person's work: no reading of it is tried but to leave it out."""

MAX_DASHES = 20

BLOCK_SCALAR = re.compile(r"(?:^|:[ \t]|- |^---[ \t]).*(?<=\s)[|>][-+0-9]{0,2}\s*(?:#.*)?$")
_USUAL_STEP = 2


class Level(NamedTuple):
    """An open column, the line that opened it, and whether a dash stands there."""

    column: int
    line: int
    dash: bool


Levels = tuple[Level, ...]


def indent_of(text: str) -> int:
    """How many spaces the line starts with."""
    return len(text) - len(text.lstrip(" "))


def is_content(text: str) -> bool:
    """Whether the line holds more than blanks and a comment."""
    body = text.lstrip()
    return bool(body) and body[0] != "#"


def is_marker(text: str) -> bool:
    """Whether the line separates documents."""
    return text.startswith(("---", "...")) and text[3:4] in {"", " ", "\t"}


def is_header(text: str) -> bool:
    """Whether the line is a key without a value: what it holds stands below it."""
    return without_comment(text).endswith(":")


def without_comment(text: str) -> str:
    """The line without a comment at its end and the blanks before that. Quotes are not looked at."""
    at = text.find("#")
    while at >= 0:
        if at == 0 or text[at - 1].isspace():
            return text[:at].rstrip()
        at = text.find("#", at + 1)
    return text.rstrip()


def columns(text: str) -> list[int]:
    """The line's indentation, and the columns after each dash that it starts with."""
    at = indent_of(text)
    out = [at]
    while text[at : at + 2] == "- " and len(out) < MAX_DASHES:
        at += 1
        while text[at : at + 1] == " ":
            at += 1
        if at < len(text):
            out.append(at)
    return out


def above(patched: PatchedLines, line: int) -> int:
    """The nearest content line above; -1 if there is none in this text."""
    line -= 1
    while line >= 0 and not is_content(patched.line_text(line)):
        line -= 1
    return line


def below(patched: PatchedLines, line: int, reach: int = 8) -> int | None:
    """The next content line, within reach."""
    for candidate in range(line + 1, min(line + 1 + reach, patched.index.line_count)):
        if is_content(patched.line_text(candidate)):
            return candidate
    return None


class Outline:
    """The open columns at every line, from the last line without indentation to the one in question."""

    def __init__(self, patched: PatchedLines, line: int) -> None:
        self.patched = patched
        self.line = line
        self.levels: dict[int, Levels] = {}
        self.closed: dict[int, int] = {}
        steps: dict[int, int] = {}
        levels: Levels = ()
        skip = -1
        for number in range(self._first(), line + 1):
            text = patched.line_text(number)
            if not is_content(text):
                continue
            at = columns(text)
            if 0 <= skip < at[0]:
                continue
            skip = -1
            if is_marker(text):
                self.levels[number] = levels = ()
                self.closed.clear()
                continue
            self.levels[number] = levels
            if number == line:
                break
            if levels and at[0] > levels[-1].column:
                step = at[0] - levels[-1].column
                steps[step] = steps.get(step, 0) + 1
            levels = self._open(levels, number, at)
            if len(text) <= MAX_LINE and BLOCK_SCALAR.search(text):
                skip = at[-1]
        self.step = max(steps, key=lambda s: (steps[s], -s), default=_USUAL_STEP)

    def _open(self, levels: Levels, number: int, at: list[int]) -> Levels:
        """The open columns after a line. A sibling leaves the column to the line that opened it."""
        kept = 0
        while kept < len(levels) and levels[kept].column < at[0]:
            kept += 1
        opened = [Level(column, number, column != at[-1]) for column in at]
        for level in levels[kept:]:
            if level.column != at[0]:
                self.closed[level.column] = number
            elif level.dash == opened[0].dash:
                opened[0] = level
        return (*levels[:kept], *opened)

    def _first(self) -> int:
        """The second line above without indentation: the first may be the accident."""
        line = self.line - 1
        stop = max(self.line - REACH, 0)
        seen = 0
        while line > stop:
            if self.patched.line_text(line)[:1] not in {"", " ", "\t", "#", "-"}:
                seen += 1
                if seen == 2:
                    break
            line -= 1
        return max(line, 0)

    def oddity(self, line: int, text: str) -> int:
        """How many of the line's two relations, to its parent and to the line below, are unusual."""
        at = columns(text)
        parent = max((lv.column for lv in self.levels.get(line, ()) if lv.column < at[0]), default=None)
        usual = 0 if parent is None else parent + self.step
        odd = int(at[0] != usual)
        following = below(self.patched, line)
        if following is None or is_marker(self.patched.line_text(following)):
            return odd
        next_text = self.patched.line_text(following)
        next_at = indent_of(next_text)
        if is_header(text):
            dash = next_text.lstrip().startswith("-")
            return odd + (next_at != at[-1] + self.step and not (dash and next_at == at[-1]))
        return odd + (next_at > at[-1])

"""A line of source as a terminal shows it, with the place of a span in cells."""

from __future__ import annotations

import re
from typing import NamedTuple

TAB = 4

# Control characters, and those that turn the direction of writing: they could forge what is on the screen.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


class Excerpt(NamedTuple):
    """A shown line; the span begins after ``indent`` cells and is ``width`` cells wide, at least one."""

    text: str
    indent: int
    width: int


def safe(text: str) -> str:
    """The text with every character that a terminal would obey replaced by one that it shows."""
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub(_picture, text)


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code == 0xFEFF:
        return ""
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"


def cells(text: str) -> int:
    """The width on a terminal, in cells."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def excerpt(line: str, start: int, end: int, room: int) -> Excerpt:
    """Cut a line to ``room`` cells around the span from ``start`` to ``end``, given in characters."""
    begin = 0
    if max(len(line), start + 1) <= room and line.isascii() and line.isprintable():
        return Excerpt(line, start, max(end - start, 1))
    if len(line) > 6 * room:
        # A minified file is one huge line; nothing below may cost more than what is shown.
        begin, finish = max(0, start - 2 * room), min(len(line), start + 4 * room)
        line = "…" * (begin > 0) + line[begin:finish] + "…" * (finish < len(line))
        begin -= begin > 0
    shown = _expand(line)
    left = cells(_expand(line[: start - begin]))
    right = max(cells(_expand(line[: end - begin])), left + 1)
    total = max(cells(shown), right)  # A span at the end of the line has its mark after it.
    if total <= room:
        return Excerpt(shown, left, right - left)
    low = 0 if right < room else max(0, min(left - room // 4, total - room + 1))
    high = low + room - (low > 0)
    high = total if high >= total else high - 1  # The last cell is for the ellipsis.
    text = "…" * (low > 0) + _cut(shown, low, high) + "…" * (high < total)
    return Excerpt(text, left - low + (low > 0), max(min(right, high) - left, 1))


def _expand(line: str) -> str:
    """Tabs as spaces up to the next stop, and everything else safe."""
    out = ""
    for i, part in enumerate(line.split("\t")):
        if i:
            out += " " * (TAB - cells(out) % TAB)
        out += safe(part)
    return out


def _cut(text: str, low: int, high: int) -> str:
    """What stands between two cells; half of a wide character becomes a space."""
    out: list[str] = []
    at = 0
    for character in text:
        width = cells(character)
        if low <= at and at + width <= high:
            out.append(character)
        elif at < low < at + width:
            out.append(" " * (at + width - low))
        at += width
    return "".join(out)

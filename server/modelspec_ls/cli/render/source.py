"""A line of source as a terminal shows it, with the place of a span in cells."""

from __future__ import annotations

import json
import re
import sys
from typing import Any, NamedTuple

from .style import unicode_output

TAB = 4

# Control characters, and those that turn the direction of writing: they could forge what is on the screen.
_SIGNS = "\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff"
_UNSAFE = re.compile(f"[\x00-\x1f{_SIGNS}]")
_NOT_SHOWN = re.compile(f"[{_SIGNS}]")
_BYTES = re.compile("[\udc80-\udcff]")


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


def readable(path: str) -> str:
    """A path as any file and tool can hold it: bytes that are no UTF-8 are written in hexadecimal."""
    return _BYTES.sub(lambda match: f"\\x{ord(match[0]) & 0xFF:02x}", path)


def as_it_is(text: str) -> str:
    """A whole text for standard output: as it is for programs, and safe where it is a terminal."""
    if sys.stdout is None or not sys.stdout.isatty():
        return text
    return "".join("\t".join(map(safe, line.split("\t"))) + "\n" for line in text.split("\n"))[:-1]


def as_json(data: Any) -> str:
    """JSON that is safe on a terminal; in ASCII where standard output cannot carry more."""
    text = json.dumps(data, indent=2, ensure_ascii=not unicode_output())
    return text if text.isascii() and "\x7f" not in text else _NOT_SHOWN.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else f"\\u{code:04x}"


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

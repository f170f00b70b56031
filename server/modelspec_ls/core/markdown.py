"""Text of others inside of Markdown: as code, or as prose in which nothing but code has a meaning."""

from __future__ import annotations

import re

_TICKS = re.compile(r"`+")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_MARKS = re.compile(r"[\\`*\[\]<]|(?<![^\W_])_|_(?![^\W_])")
_START = re.compile(r"[#>+=-]")


def code(text: str) -> str:
    """A text in backticks, one more of them than stand together inside, so that nothing in it ends the frame."""
    line = " ".join(text.splitlines())
    fence = "`" * (1 + max((len(run) for run in _TICKS.findall(line)), default=0))
    room = " " if line[:1] in {"`", " ", ""} or line[-1:] in {"`", " "} else ""
    return f"{fence}{room}{line}{room}{fence}"


def prose(text: str) -> str:
    """A text on one line that makes no link, picture, tag or emphasis; what it has in backticks stays code."""
    line, last = " ".join(text.split()), 0
    out: list[str] = []
    for span in _CODE.finditer(line):
        out += (_escaped(line[last : span.start()]), span[0])
        last = span.end()
    whole = "".join([*out, _escaped(line[last:])])
    return f"\\{whole}" if _START.match(whole) else whole


def _escaped(text: str) -> str:
    return _MARKS.sub(lambda mark: f"\\{mark[0]}", text)

"""Markdown as plain text, for clients that show it as it is."""

from __future__ import annotations

import re

_FENCE = re.compile(r"^\s*(```|~~~)")
_TABLE_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$")
_RULE = re.compile(r"^\s*([-*_])(\s*\1){2,}\s*$")
_HEADING = re.compile(r"^#{1,6}\s+")
_CODE = re.compile(r"(`+)(.+?)\1")
_LINK = re.compile(r"!?\[([^\]]*)\]\(<?([^)>\s]+)>?[^)]*\)")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])|(?<!\w)_(?=\S)([^_]+?)(?<=\S)_(?!\w)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")


def plain_text(markdown: str) -> str:
    """The text without its marks: links keep their address, tables become aligned columns."""
    out: list[str] = []
    table: list[list[str]] = []
    fenced = False
    for line in markdown.split("\n"):
        if _FENCE.match(line):
            fenced = not fenced
            continue
        if not fenced and line.lstrip().startswith("|"):
            if not _TABLE_RULE.match(line):
                table.append(_cells(line))
            continue
        out += _columns(table)
        table = []
        if fenced:
            out.append("    " + line if line else line)
        elif not _RULE.match(line):
            out.append(_inline(_HEADING.sub("", line)))
    out += _columns(table)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).strip("\n")


def _inline(line: str) -> str:
    kept: list[str] = []

    def keep(text: str) -> str:
        # What is code or escaped stays untouched by the other marks.
        kept.append(text)
        return f"\0{len(kept) - 1}\0"

    line = _CODE.sub(lambda m: keep(m[2].strip()), line)
    line = _ESCAPE.sub(lambda m: keep(m[1]), line)
    line = _LINK.sub(lambda m: m[1] if m[1] == m[2] or not m[1] else f"{m[1]} ({m[2]})", line)
    line = _STRONG.sub(r"\2", line)
    line = _EMPHASIS.sub(lambda m: m[1] or m[2], line)
    return re.sub(r"\0(\d+)\0", lambda m: kept[int(m[1])], line).rstrip()


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return [_inline(cell.strip()) for cell in re.split(r"(?<!\\)\|", inner)]


def _columns(table: list[list[str]]) -> list[str]:
    if not table:
        return []
    count = max(len(row) for row in table)
    rows = [row + [""] * (count - len(row)) for row in table]
    widths = [max(len(row[i]) for row in rows) for i in range(count)]
    return ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]

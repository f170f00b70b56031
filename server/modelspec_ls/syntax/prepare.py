"""What is put right before the parser sees the text: line by line, same number of lines.

Byte order mark, characters YAML forbids, tabs in JSON, conflict markers, template expressions.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from modelspec_ls.core.text import LineIndex, Span

from .nodes import Repair, SyntaxProblem

# Everything the YAML 1.2 production c-printable leaves out. Reading such a character raises in the parser.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
# NEL, LS and PS break lines in the C parser only; as spaces both parsers agree with the protocol.
_ODD_BREAKS = re.compile("[\x85\u2028\u2029]")
_CONFLICT_START = re.compile(r"^<{7}(?: .*)?$", re.MULTILINE)
_TEMPLATE = re.compile(r"\{\{.*?\}\}|<%.*?%>|\$\{[^}\s]*\}")
_BLOCK_TEMPLATE_LINE = re.compile(r"\s*(?:\{\{.*\}\}|<%.*%>|\{%.*%\})\s*")
_SURROGATES = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
MAX_CHARACTER_PROBLEMS = 3


class Prepared(NamedTuple):
    """Replaced lines by number, and what there is to say about them."""

    patches: dict[int, str]
    problems: list[SyntaxProblem]
    repairs: list[Repair]


def prepare(index: LineIndex, *, json: bool) -> Prepared:
    """Find what the parser could not read or would read wrongly."""
    out = Prepared({}, [], [])
    text = index.text
    if text.startswith("\ufeff"):
        out.patches[0] = index.line_text(0)[1:]
    if not text.isascii() or "\x00" <= min(text, default=" ") < " ":
        _characters(index, out)
    if "<<<<<<<" in text:
        _conflicts(index, out)
    if json:
        _json(index, out)
    elif "{{" in text or "<%" in text or "${" in text or "{%" in text:
        _templates(index, out)
    return out


def _current(index: LineIndex, out: Prepared, line: int) -> str:
    return out.patches[line] if line in out.patches else index.line_text(line)


def _characters(index: LineIndex, out: Prepared) -> None:
    start = 1 if index.text.startswith("\ufeff") else 0
    bad = [m.start() for m in _FORBIDDEN.finditer(index.text, start)]
    for offset in bad:
        line = index.line_of(offset)
        if len(out.problems) < MAX_CHARACTER_PROBLEMS:
            code = f"U+{ord(index.text[offset]):04X}"
            more = len(bad) - MAX_CHARACTER_PROBLEMS
            rest = f" ({more} more in this file.)" if more > 0 and len(out.problems) == 2 else ""
            message = f"The character {code} is not allowed in YAML. Delete it, or write it as an escape in double quotes.{rest}"
            out.problems.append(
                SyntaxProblem(Span(offset, offset + 1), message, "Delete the character", Span(offset, offset + 1), "")
            )
    lines = {index.line_of(offset) for offset in bad}
    lines |= {index.line_of(m.start()) for m in _ODD_BREAKS.finditer(index.text)}
    for line in lines:
        current = _current(index, out, line)
        out.patches[line] = _ODD_BREAKS.sub(" ", _FORBIDDEN.sub(" ", current))
    out.repairs.extend(Repair(index.line_span(index.line_of(offset)), dropped=False) for offset in bad)


def _conflicts(index: LineIndex, out: Prepared) -> None:
    """Keep the first side of each conflict; say it once, at its start."""
    for match in _CONFLICT_START.finditer(index.text.replace("\r", "\n")):
        first = index.line_of(match.start())
        middle = base = last = -1
        for line in range(first + 1, index.line_count):
            text = index.line_text(line)
            if text.startswith("|||||||") and base < 0:
                base = line
            elif text == "=======" and middle < 0:
                middle = line
            elif text.startswith(">>>>>>>"):
                last = line
                break
        if middle < 0 or last < 0:
            continue
        dropped = [first, *range(base if base >= 0 else middle, last + 1)]
        for line in dropped:
            out.patches[line] = " " * len(index.line_text(line))
            out.repairs.append(Repair(index.line_span(line), dropped=True))
        message = (
            f"Merge conflict: lines {first + 1} to {last + 1} hold two versions. "
            "Keep one and delete the three marker lines."
        )
        keep_end = base if base >= 0 else middle
        kept = index.text[index.starts[first + 1] : index.starts[keep_end]]
        whole = Span(index.starts[first], index.starts[last + 1] if last + 1 < index.line_count else len(index.text))
        out.problems.append(SyntaxProblem(index.line_span(first), message, "Keep the first version", whole, kept))


def _templates(index: LineIndex, out: Prepared) -> None:
    """Replace template expressions by a word of the same length, so that the rest can be read."""
    reported = False
    for match in _TEMPLATE.finditer(index.text):
        line = index.line_of(match.start())
        start, _ = index.line_span(line)
        column = match.start() - start
        text = _current(index, out, line)
        if _quoted_or_comment(text, column):
            continue
        if _BLOCK_TEMPLATE_LINE.fullmatch(text) or _BLOCK_TEMPLATE_LINE.fullmatch(index.line_text(line)):
            out.patches[line] = " " * len(text)
            out.repairs.append(Repair(index.line_span(line), dropped=True))
        else:
            # ``${X}`` is an ordinary plain scalar to YAML; it only must not be judged.
            if not match[0].startswith("$"):
                out.patches[line] = text[:column] + "x" * len(match[0]) + text[column + len(match[0]) :]
            out.repairs.append(Repair(Span(match.start(), match.end()), dropped=False))
        if not reported:
            reported = True
            message = (
                f"This looks like a template (`{match[0][:40]}`): values that it fills in are not checked. "
                "Check the rendered file."
            )
            out.problems.append(SyntaxProblem(Span(match.start(), match.end()), message, template=True))


def _quoted_or_comment(text: str, column: int) -> bool:
    quote = ""
    for i, char in enumerate(text[:column]):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and text[i - 1 : i] in {"", " ", "[", "{", ","}:
            quote = char
        elif char == "#" and (i == 0 or text[i - 1].isspace()):
            return True
    return bool(quote)


def _json(index: LineIndex, out: Prepared) -> None:
    """JSON that YAML reads differently: tabs between tokens, and surrogate pairs as two escapes."""
    text = index.text
    if "\t" not in text and "\\u" not in text:
        return
    for line in range(index.line_count):
        current = _current(index, out, line)
        new = current.replace("\t", " ")
        new = _SURROGATES.sub(lambda m: f"\\U{_join(m[1], m[2]):08X}", new)
        if new != current:
            out.patches[line] = new


def _join(high: str, low: str) -> int:
    return 0x10000 + ((int(high, 16) - 0xD800) << 10) + (int(low, 16) - 0xDC00)

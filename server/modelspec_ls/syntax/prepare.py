"""What is put right before the parser sees the text: line by line, same number of lines.

Byte order mark, characters YAML forbids, tabs in JSON, conflict markers, template expressions.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import NamedTuple

from modelspec_ls.core.text import LineIndex, Span

from .nodes import Repair, SyntaxProblem
from .outline import BLOCK_SCALAR, MAX_LINE, columns, indent_of, is_content, is_header, without_comment

# Everything the YAML 1.2 production c-printable leaves out. Reading such a character raises in the parser.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
# NEL, LS and PS break lines in the C parser only; as spaces both parsers agree with the protocol.
_ODD_BREAKS = re.compile("[\x85\u2028\u2029]")
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_ODD = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000" + _ZERO_WIDTH
_ODD_SPACE = re.compile(f"[{_ODD}]")
_ANY_SPACE = f"[ \t{_ODD}]"
# The indentation and the dashes; then a comment, or a key with what surrounds its colon.
_ODD_SPACES = re.compile(
    rf"{_ANY_SPACE}*(?:-{_ANY_SPACE}+)*(?=\Z|#|-|[\"']?[\w./$-]+[\"']?{_ANY_SPACE}*:(?:{_ANY_SPACE}|\Z))"
    rf"(?:[\"']?[\w./$-]+[\"']?{_ANY_SPACE}*:{_ANY_SPACE}*)?"
)
_BLOCK_ENDS = frozenset("|>-+0123456789 ") | {""}
_CONFLICT_MARKER = re.compile(r"^(?:<{7}(?= \S|$)|\|{7}(?= |$)|={7}$|>{7}(?= \S|$))", re.MULTILINE)
# No part looks beyond the next opening, so that a text full of openings takes linear time.
_TEMPLATE = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}|<%(?:(?!<%).)*?%>|\{%(?:(?!\{%).)*?%\}|\$\{[^}\s$]*\}")
_BLOCK_TEMPLATE_LINE = re.compile(r"\s*(?:\{\{.*\}\}|<%.*%>|\{%.*%\})\s*")
_ESCAPED = r"(?<!\\)((?:\\\\)*)\\u"
_SURROGATES = re.compile(_ESCAPED + r"([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_LONE_SURROGATE = re.compile(_ESCAPED + r"[dD][89a-fA-F][0-9a-fA-F]{2}")
MAX_PROBLEMS = 3
"""Of one kind."""

MAX_CONFLICTS = 50
"""Merge conflicts that are reported; all are repaired."""


class Prepared(NamedTuple):
    """Replaced lines by number, and what there is to say about them."""

    patches: dict[int, str]
    problems: list[SyntaxProblem]
    repairs: list[Repair]


def not_text(text: str) -> bool:
    """Whether the text is something else, read as UTF-8: UTF-16 has a NUL beside every ASCII letter."""
    head = text[:4096]
    return head.count("\x00") > max(len(head) // 8, 16)


def prepare(index: LineIndex, *, json: bool) -> Prepared:
    """Find what the parser could not read or would read wrongly."""
    out = Prepared({}, [], [])
    text = index.text
    if text.startswith("\ufeff"):
        out.patches[0] = index.line_text(0)[1:]
    _characters(index, out)
    if not json and not text.isascii():
        _spaces(index, out)
    if json:
        out.problems.clear()  # JSON has rules of its own, and its parser knows them.
    if ("<" in text or ">" in text) and ("<<<<<<<" in text or ">>>>>>>" in text):  # One character is found at once.
        _conflicts(index, out)
    if json:
        _json(index, out)
    elif ("<" in text and "<%" in text) or ("{" in text and ("{{" in text or "${" in text or "{%" in text)):
        _templates(index, out)
    return out


def _current(index: LineIndex, out: Prepared, line: int) -> str:
    return out.patches[line] if line in out.patches else index.line_text(line)


def _characters(index: LineIndex, out: Prepared) -> None:
    if index.text.isascii() and index.text.replace("\n", "").isprintable():
        return  # Most texts; looking for each character takes ten times as long.
    start = 1 if index.text.startswith("\ufeff") else 0
    bad = [m.start() for m in _FORBIDDEN.finditer(index.text, start)]
    for offset in bad[:MAX_PROBLEMS]:
        more = len(bad) - MAX_PROBLEMS
        rest = f" There are {more} more in this file." if more > 0 and offset == bad[MAX_PROBLEMS - 1] else ""
        message = (
            f"The character U+{ord(index.text[offset]):04X} is not allowed in YAML. "
            f"Delete it, or write it as an escape in double quotes.{rest}"
        )
        place = Span(offset, offset + 1)
        out.problems.append(SyntaxProblem(place, message, "Delete the character", place, ""))
    lines = {index.line_of(offset) for offset in bad}
    out.repairs.extend(Repair(index.line_span(line), dropped=False) for line in sorted(lines))
    if not index.text.isascii():
        lines |= {index.line_of(m.start()) for m in _ODD_BREAKS.finditer(index.text)}
    for line in lines:
        current = _current(index, out, line)
        out.patches[line] = _ODD_BREAKS.sub(" ", _FORBIDDEN.sub(" ", current))


def _spaces(index: LineIndex, out: Prepared) -> None:
    """Spaces that only look like spaces: in the indentation, after a dash, around the colon."""
    changed: dict[int, tuple[int, int, str]] = {}
    scalar = -1
    for line in range(index.line_count):
        text = _current(index, out, line)
        if text.isascii() and scalar < 0 and text[-1:] not in _BLOCK_ENDS:
            continue
        if is_content(text):
            if 0 <= scalar < indent_of(text):
                continue
            scalar = -1
        shift = len(index.line_text(line)) - len(text)
        if not text.isascii() and len(text) <= MAX_LINE and (match := _ODD_SPACES.match(text)):
            old = match[0]
            new = _ODD_SPACE.sub(lambda m: "" if m[0] in _ZERO_WIDTH else " ", old)
            if new != old:
                first = index.starts[line] + shift
                changed[line] = first, first + len(old), new
                text = new + text[len(old) :]
                out.patches[line] = text
                out.repairs.append(Repair(index.line_span(line), dropped=False))
        if len(text) <= MAX_LINE and text[-1:] in _BLOCK_ENDS and BLOCK_SCALAR.search(text):
            scalar = columns(text)[-1]
    if not changed:
        return
    shown = list(changed.values())
    if len(shown) > MAX_PROBLEMS:
        # Pasted from a web page: said once, replaced together.
        lines = sorted(changed)
        last = lines[-1]
        new = "".join(
            (out.patches[n] if n in changed else index.line_text(n))
            + index.text[index.line_span(n).end : index.starts[n + 1]]
            for n in range(lines[0], last)
        )
        start, end, _ = changed[lines[0]]
        span = Span(index.starts[lines[0]], index.line_span(last).end)
        message = _odd_message(index.text[start:end], f" There are such characters in {len(changed)} lines.")
        place = _first_odd(index.text, start, end)
        problem = SyntaxProblem(place, message, "Replace them by spaces", span, new + out.patches[last])
        out.problems.append(problem)
        return
    for start, end, new in shown:
        old = index.text[start:end]
        title = "Replace it by a space" if len(new) == len(old) else "Delete it"
        out.problems.append(
            SyntaxProblem(_first_odd(index.text, start, end), _odd_message(old, ""), title, Span(start, end), new)
        )


def _first_odd(text: str, start: int, end: int) -> Span:
    match = _ODD_SPACE.search(text, start, end)
    assert match is not None
    at = match.start()
    while at < end and text[at] == match[0]:
        at += 1
    return Span(match.start(), at)


def _odd_message(text: str, more: str) -> str:
    match = _ODD_SPACE.search(text)
    assert match is not None
    name = unicodedata.name(match[0], "space").lower()
    return f"This is a {name} (U+{ord(match[0]):04X}), which YAML does not read as a space.{more}"


def _conflicts(index: LineIndex, out: Prepared) -> None:
    """Keep the first side of each conflict; say it once, at its start. Left-over markers are blanked."""
    opened: dict[str, int] = {}
    left_over: list[int] = []
    for match in _CONFLICT_MARKER.finditer(index.text.replace("\r", "\n")):
        line, kind = index.line_of(match.start()), match[0][0]
        if kind == "<":
            left_over.extend(opened.values())
            opened = {kind: line}
        elif kind not in opened and (kind != ">" or "=" in opened) and "<" in opened:
            opened[kind] = line
        else:
            left_over.append(line)
        if ">" in opened:
            _conflict(index, out, opened)
            opened = {}
    left_over.extend(opened.values())
    # A lone ``=======`` or ``>>>>>>>`` may be somebody's text; with the label of a branch it is a marker.
    labelled = [line for line in sorted(left_over) if index.line_text(line)[:8] in {"<<<<<<< ", ">>>>>>> "}]
    if not labelled:
        return
    for line in left_over:
        _blank(index, out, line)
    for line in labelled[:MAX_PROBLEMS]:
        place = index.line_span(line)
        message = "Left over from a merge conflict. Delete this line, and check that only one version is left."
        out.problems.append(SyntaxProblem(place, message, "Delete the marker", place, ""))


def _conflict(index: LineIndex, out: Prepared, lines: dict[str, int]) -> None:
    first, last = lines["<"], lines[">"]
    second = lines.get("|", lines["="])
    _blank(index, out, first)
    for line in range(second, last + 1):
        out.patches[line] = " " * len(index.line_text(line))
    out.repairs.append(Repair(Span(index.starts[second], index.line_span(last).end), dropped=True))
    message = (
        f"Merge conflict: lines {first + 1} to {last + 1} hold two versions. Keep one and delete the marker lines."
    )
    kept = index.text[index.starts[first + 1] : index.starts[second]]
    whole = Span(index.starts[first], index.starts[last + 1] if last + 1 < index.line_count else len(index.text))
    if len(out.problems) < MAX_CONFLICTS:
        out.problems.append(SyntaxProblem(index.line_span(first), message, "Keep the first version", whole, kept))


def _blank(index: LineIndex, out: Prepared, line: int) -> None:
    out.patches[line] = " " * len(index.line_text(line))
    out.repairs.append(Repair(index.line_span(line), dropped=True))


def _templates(index: LineIndex, out: Prepared) -> None:
    """Replace template expressions by a word of the same length, so that the rest can be read."""
    found = False
    for line, group in groupby(_TEMPLATE.finditer(index.text), key=lambda m: index.line_of(m.start())):
        if out.patches.get(line, "x").isspace():
            continue
        start, _ = index.line_span(line)
        text = _current(index, out, line)
        shift = len(index.line_text(line)) - len(text)
        matches = _in_plain_text(text, [(m.start() - start - shift, m[0]) for m in group])
        if not matches:
            continue
        at, first = matches[0]
        place = Span(start + shift + at, start + shift + at + len(first))
        if not found:
            found = True
            message = (
                f"This looks like a template (`{first[:40]}`): values that it fills in are not checked. "
                "Check the rendered file."
            )
            out.problems.append(SyntaxProblem(place, message, template=True))
        if _BLOCK_TEMPLATE_LINE.fullmatch(text):
            _blank(index, out, line)
            out.patches[line] = " " * len(text)
            continue
        pieces: list[str] = []
        last = 0
        for at, found_text in matches:
            # ``${X}`` is an ordinary plain scalar to YAML; it only must not be judged.
            if len(matches) == 1 and _fills_header(index, line, text, at, found_text):
                word = " " * len(found_text)
            else:
                word = found_text if found_text.startswith("$") else "x" * len(found_text)
            pieces += [text[last:at], word]
            last = at + len(found_text)
            where = Span(start + shift + at, start + shift + last)
            out.repairs.append(Repair(where, dropped=False, kept=word == found_text))
        new = "".join(pieces) + text[last:]
        if new != text:
            out.patches[line] = new


def _fills_header(index: LineIndex, line: int, text: str, at: int, found: str) -> bool:
    """Whether an expression is the whole value of a key that has deeper lines below: it stands for more of those."""
    after = without_comment(text[at + len(found) :])
    if after or not is_header(text[:at].rstrip()):
        return False
    for number in range(line + 1, min(line + 9, index.line_count)):
        other = index.line_text(number)
        if is_content(other):
            return indent_of(other) > columns(text)[-1]
    return False


def _in_plain_text(text: str, matches: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Those of the matches that do not stand in quotes or in a comment."""
    out: list[tuple[int, str]] = []
    quote = ""
    at = 0
    for column, found in matches:
        for i in range(at, column):
            char = text[i]
            if quote:
                quote = "" if char == quote else quote
            elif char in "\"'" and text[i - 1 : i] in {"", " ", "[", "{", ","}:
                quote = char
            elif char == "#" and (i == 0 or text[i - 1].isspace()):
                return out
        at = column
        if not quote:
            out.append((column, found))
            at = column + len(found)
    return out


def _json(index: LineIndex, out: Prepared) -> None:
    """JSON that YAML reads differently: tabs between tokens, and surrogate pairs as two escapes."""
    text = index.text
    if "\t" not in text and "\\u" not in text:
        return
    for line in range(index.line_count):
        current = _current(index, out, line)
        new = current.replace("\t", " ")
        new = _SURROGATES.sub(lambda m: f"{m[1]}\\U{_join(m[2], m[3]):08X}", new)
        new = _LONE_SURROGATE.sub(r"\1\\uFFFD", new)
        if new != current:
            out.patches[line] = new


def _join(high: str, low: str) -> int:
    return 0x10000 + ((int(high, 16) - 0xD800) << 10) + (int(low, 16) - 0xDC00)

"""What a person probably meant by a line that does not parse: candidate repairs, tried and compared.

A repair changes one line, never the number of lines. The one that keeps most keys wins, so the rest
of the document stays readable, and the winner says what was wrong in a person's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .build import build
from .events import YamlFault
from .lines import PatchedLines

WINDOW = 25
"""Lines around a suspect that a candidate is tried on; ancestors' lines are added above."""

_KEY = r"[\w./$-]+"
_DASHES = r"(?:- +)*"
_GLUED_COLON = re.compile(rf"(?P<head>\s*{_DASHES})(?P<key>[A-Za-z_]{_KEY[:-1]}*):(?P<rest>[^\s:/].*)$")
_GLUED_DASH = re.compile(r"(?P<indent>\s*)-(?P<rest>[^\s\-].*)$")
_BARE_WORD = re.compile(rf"(?P<head>\s*{_DASHES}(?P<word>[\"']?{_KEY}[\"']?))\s*(?P<comment>#.*)?$")
_TWO_WORDS = re.compile(rf"(?P<head>\s*{_DASHES})(?P<word>[A-Za-z_][\w-]*)\s+(?P<rest>[^\s:#].*)$")
_VALUE = re.compile(rf"(?P<head>\s*{_DASHES}(?:[\"']?{_KEY}[\"']?\s*:\s+|- +))(?P<value>\S.*?)\s*(?P<comment>\s#.*)?$")
_LOOKS_LIKE_KEY = re.compile(rf"\s*{_DASHES}[\"']?{_KEY}[\"']?\s*:(?=\s|$)")


class Candidate(NamedTuple):
    """A new text for a line. ``cost`` orders candidates that keep equally many keys."""

    line: int
    text: str
    kind: str
    cost: float
    detail: str = ""


def suspects(patched: PatchedLines, fault: YamlFault) -> list[int]:
    """Lines that may have caused the fault, likeliest first."""
    at = min(patched.line_of(fault.offset), patched.index.line_count - 1)
    at = _content_line(patched, at)
    out = [at]
    scanning = fault.context.startswith("while scanning")
    context = patched.line_of(fault.context_offset)
    if scanning or "flow" in fault.context:
        out.insert(0, context)
    before = _content_line(patched, at - 1)
    out += [before, context] if before >= 0 else [context]
    return [line for line in dict.fromkeys(out) if 0 <= line < patched.index.line_count][:3]


def _content_line(patched: PatchedLines, line: int) -> int:
    """The nearest line at or above that holds more than blanks and a comment; -1 if none does."""
    while line >= 0:
        text = patched.line_text(line).lstrip()
        if text and not text.startswith("#"):
            return line
        line -= 1
    return -1


def choose(patched: PatchedLines, fault: YamlFault) -> Candidate | None:
    """The best repair for the fault, or None when no line can be blamed."""
    best: tuple[float, Candidate] | None = None
    for line in suspects(patched, fault):
        window = _Window(patched, line)
        for candidate in _candidates(patched, line, fault):
            loss, clean = window.loss(candidate)
            score = loss + candidate.cost
            if best is None or score < best[0]:
                best = (score, candidate)
            if clean and loss <= 0 and candidate.cost < 0.2:
                return candidate
    return best[1] if best else None


class _Window:
    """The lines around a suspect with the lines they hang from: small, but of the same structure."""

    def __init__(self, patched: PatchedLines, line: int) -> None:
        self.line = line
        first = max(line - WINDOW, 0)
        last = min(line + WINDOW, patched.index.line_count - 1)
        self.numbers = [*_ancestors(patched, first), *range(first, last + 1)]
        self.lines = [patched.line_text(n) for n in self.numbers]
        self.at = self.numbers.index(line)
        self.expected = sum(1 for text in self.lines if _LOOKS_LIKE_KEY.match(text))

    def loss(self, candidate: Candidate) -> tuple[float, bool]:
        """Keys lost with the candidate in place, and whether the window then parses."""
        lines = self.lines.copy()
        lines[self.at] = candidate.text
        result = build("\n".join(lines) + "\n")
        return self.expected - result.keys, result.fault is None


def _ancestors(patched: PatchedLines, first: int) -> list[int]:
    """The lines above that open the collections around line ``first``."""
    start = _content_line(patched, first)
    if start < 0:
        return []
    indent = _indent(patched.line_text(start))
    out: list[int] = []
    line = start if start < first else start - 1
    if start < first:
        indent += 1
    while line >= 0 and indent > 0:
        text = patched.line_text(line)
        body = text.lstrip()
        if body and not body.startswith("#") and _indent(text) < indent:
            out.append(line)
            indent = _indent(text)
        line -= 1
    return out[::-1]


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _candidates(patched: PatchedLines, line: int, fault: YamlFault) -> Iterator[Candidate]:
    """Readings of the line, cheap and likely ones first."""
    text = patched.line_text(line)
    body = text.lstrip()
    if not body:
        return
    indent = _indent(text)
    neighbours = _neighbour_indents(patched, line)
    if "\t" in text[: len(text) - len(body)]:
        for new in _nearest(neighbours | {n + 2 for n in neighbours}, len(text) - len(body)):
            yield Candidate(line, " " * new + body, "tab", 0.01 * abs(new - 2), "")
    if match := _GLUED_COLON.match(text):
        yield Candidate(line, f"{match['head']}{match['key']}: {match['rest']}", "colon-space", 0.1, match["key"])
    if match := _GLUED_DASH.match(text):
        yield Candidate(line, f"{match['indent']}- {match['rest']}", "dash-space", 0.1, match["rest"])
    if closed := _close_quote(text):
        yield Candidate(line, closed, "quote", 0.1)
    if closed := _close_brackets(text):
        yield Candidate(line, closed[0], "bracket", 0.12, closed[1])
    if match := _BARE_WORD.match(text):
        tail = f" {match['comment']}" if match["comment"] else ""
        yield Candidate(line, f"{match['head']}:{tail}", "colon", 0.15, match["word"].strip("\"'"))
    elif (match := _TWO_WORDS.match(text)) and not _LOOKS_LIKE_KEY.match(text):
        yield Candidate(line, f"{match['head']}{match['word']}: {match['rest']}", "colon", 0.2, match["word"])
    for new, cost in _indents(patched, line, neighbours):
        yield Candidate(line, " " * new + body, "indent", cost, str(new))
    if (match := _VALUE.match(text)) and (quoted := _quote(match["value"])):
        yield Candidate(line, f"{match['head']}{quoted}{match['comment'] or ''}", "quote-value", 0.3, match["value"])
    # Same length, so that nothing else moves. The line's own key is then lost, which costs one more.
    yield Candidate(line, " " * len(text), "drop", 0.9, fault.problem)


def _neighbour_indents(patched: PatchedLines, line: int) -> set[int]:
    """Indents of the content lines around, and of the lines those hang from."""
    out: set[int] = set()
    above = _content_line(patched, line - 1)
    if above >= 0:
        text = patched.line_text(above)
        out.add(_indent(text))
        if text.lstrip().startswith("- "):
            out.add(_indent(text) + 2)
        if text.rstrip().endswith(":"):
            out.add(_indent(text) + 2)
        out.update(_indent(patched.line_text(n)) for n in _ancestors(patched, above)[-3:])
    below = _below(patched, line)
    if below is not None:
        out.add(_indent(patched.line_text(below)))
    return out


def _indents(patched: PatchedLines, line: int, neighbours: set[int]) -> list[tuple[int, float]]:
    """Indents the line may have meant, with costs: near ones first, a sibling of the line above first of all."""
    text = patched.line_text(line)
    indent = _indent(text)
    above = _content_line(patched, line - 1)
    sibling = _indent(patched.line_text(above)) if above >= 0 else 0
    limit = None
    if text.rstrip().endswith(":"):
        # A section's own line stays left of its content.
        below = _below(patched, line)
        limit = _indent(patched.line_text(below)) if below is not None else None
    wanted = [n for n in _nearest(neighbours - {indent}, indent) if limit is None or n < limit or limit <= indent]
    return [(n, 0.15 + 0.05 * min(abs(n - indent), 8) - 0.02 * (n == sibling)) for n in wanted[:3]]


def _below(patched: PatchedLines, line: int) -> int | None:
    """The next content line within reach."""
    for below in range(line + 1, min(line + 6, patched.index.line_count)):
        text = patched.line_text(below)
        if text.strip() and not text.lstrip().startswith("#"):
            return below
    return None


def _nearest(values: set[int], to: int) -> list[int]:
    return sorted(values, key=lambda v: (abs(v - to), v))


def _open_quote(text: str) -> tuple[str, int] | None:
    """The quote that is still open at the line's end, and where it starts."""
    quote, start, i = "", 0, 0
    while i < len(text):
        char = text[i]
        if quote:
            if char == "\\" and quote == '"':
                i += 1
            elif char == quote:
                if quote == "'" and text[i + 1 : i + 2] == "'":
                    i += 1
                else:
                    quote = ""
        elif char == "#" and (i == 0 or text[i - 1].isspace()):
            break
        elif char in "\"'" and (i == 0 or text[i - 1] in " \t[{,:-"):
            quote, start = char, i
        i += 1
    return (quote, start) if quote else None


def _close_quote(text: str) -> str | None:
    found = _open_quote(text)
    if found is None:
        return None
    quote, start = found
    content = text.rstrip()
    comment = re.search(r"\s+#", content[start + 1 :])
    end = start + 1 + comment.start() if comment else len(content)
    if ":" in content[end - 1 : end] and start < end - 1:  # A quoted key: "name: → "name":
        return f"{content[: end - 1]}{quote}:{content[end:]}"
    return f"{content[:end]}{quote}{content[end:]}"


def _close_brackets(text: str) -> tuple[str, str] | None:
    """The line with its open flow collections closed, and what was added."""
    stack: list[str] = []
    quote = ""
    end = len(text.rstrip())
    for i, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and text[i - 1 : i] in {"", " ", "[", "{", ",", ":"}:
            quote = char
        elif char == "#" and text[i - 1 : i].isspace():
            end = len(text[:i].rstrip())
            break
        elif char in "[{" and (stack or text[:i].rstrip()[-1:] in {"", ":", "-"}):
            stack.append("]" if char == "[" else "}")
        elif char in "]}" and stack and stack[-1] == char:
            stack.pop()
    if not stack:
        return None
    closers = "".join(reversed(stack))
    return text[:end] + closers + text[end:], closers


def _quote(value: str) -> str | None:
    """The value as a single-quoted scalar; None where quoting cannot be what was meant."""
    if value[0] in "|>&" or (value[0] in "\"'" and value[-1] == value[0] and len(value) > 1):
        inner = value[1:-1]
        return "'" + inner.replace("'", "''") + "'" if value[0] == "'" and "'" in inner else None
    return "'" + value.replace("'", "''") + "'"

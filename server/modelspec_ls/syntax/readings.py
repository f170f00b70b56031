"""What a person may have meant by a line that does not parse: candidates, with costs.

A candidate exchanges lines, never their number, so that every other line keeps its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .outline import (
    MAX_LINE,
    Outline,
    above,
    below,
    columns,
    indent_of,
    is_content,
    is_header,
    is_marker,
    without_comment,
)

LONGEST_BLOCK = 200
"""Lines that are moved or dropped together at most."""

MANY_TABS = 4
"""Tab-indented lines that are repaired and reported together."""

_KEY = r"[\w./$-]+"
_DASHES = r"(?:- +)*"
_GLUED_COLON = re.compile(rf"(?P<head>\s*{_DASHES})(?P<key>[\"']?[A-Za-z_]{_KEY[:-1]}*[\"']?\s*):(?P<rest>[^\s:/].*)$")
_OPEN_KEY = re.compile(rf"(?P<head>\s*{_DASHES})(?P<quote>[\"'])(?P<key>{_KEY})(?P<rest>\s*:(?:\s.*)?)$")
_GLUED_DASH = re.compile(r"(?P<indent>\s*)-(?P<rest>[^\s\-].*)$")
_BARE_WORD = re.compile(rf"(?P<head>\s*{_DASHES})(?P<word>[\"']?\w{_KEY[:-1]}*[\"']?)\s*(?P<comment>#.*)?$")
_TWO_WORDS = re.compile(rf"(?P<head>\s*{_DASHES})(?P<word>[A-Za-z_][\w-]*)\s+(?P<rest>[^\s:#].*)$")
_VALUE = re.compile(rf"(?P<head>\s*{_DASHES}(?:[\"']?{_KEY}[\"']?\s*:\s+|- +))(?P<value>\S.*?)\s*(?P<comment>\s#.*)?$")
_WRONG_COLON = re.compile(rf"(?P<head>\s*{_DASHES})(?P<key>[A-Za-z_][\w./-]*)\s*(?P<sign>[;=])\s*(?P<rest>[^\s=;].*)?$")
_VALUED_KEY = re.compile(rf"(?P<key>\s*{_DASHES}[\"']?{_KEY}[\"']?\s*:)\s+(?P<value>[^\s#].*)$")
_STRAY = re.compile(rf"(?P<head>\s*{_DASHES})(?P<stray>[^\w\s\"'#-]+)(?P<gap>\s*)(?P<rest>{_KEY}\s*:(?:\s.*)?)$")
_STRAY_TAIL = re.compile(rf"(?P<head>\s*{_DASHES}{_KEY}:)\s*(?P<stray>[^\w\s#|>]+|[|>])\s*$")
_TABBED = re.compile(r"^ *\t[ \t]*\S", re.MULTILINE)
_LOOKS_LIKE_KEY = re.compile(rf"\s*{_DASHES}[\"']?{_KEY}[\"']?\s*:(?=\s|$)")
_INDICATORS = frozenset("*&!@`%{[\"'|>,]}")
_OPENERS = " \t[{,:-"


class Candidate(NamedTuple):
    """A new text for a line, and for ``more`` lines if a block changes. ``cost`` orders equals."""

    line: int
    text: str
    kind: str
    cost: float
    detail: str = ""
    more: tuple[tuple[int, str], ...] = ()

    @property
    def patches(self) -> dict[int, str]:
        """All changed lines by number."""
        return {self.line: self.text, **dict(self.more)}

    @property
    def dropped(self) -> bool:
        """Whether content was blanked."""
        return self.kind in {"drop", "drop-block", "skip"} or (self.kind == "header" and ":" in self.detail)


def looks_like_key(text: str) -> bool:
    """Whether the line starts with ``key:``, after dashes or not."""
    return _LOOKS_LIKE_KEY.match(text) is not None


def readings(outline: Outline, line: int, problem: str, at: int | None) -> Iterator[Candidate]:
    """All readings of the line. ``at`` is the column of the parser's fault, if it is on this line."""
    patched = outline.patched
    text = patched.line_text(line)
    body = text.lstrip()
    if not body:
        return
    if len(text) > MAX_LINE:
        yield Candidate(line, " " * len(text), "drop", 0.9, problem)
        return
    if "\t" in text[: len(text) - len(body)]:
        yield from _without_tabs(outline, line, text, body)
        return
    if is_marker(text):
        yield Candidate(line, " " * len(text), "drop", 1.5, problem)
        return
    if match := _GLUED_COLON.match(text):
        yield Candidate(line, f"{match['head']}{match['key']}: {match['rest']}", "colon-space", 0.1, match["key"])
    if match := _GLUED_DASH.match(text):
        yield Candidate(line, f"{match['indent']}- {match['rest']}", "dash-space", 0.1, match["rest"])
    if closed := close_quote(text):
        yield Candidate(line, closed, "quote", 0.1)
    if match := _OPEN_KEY.match(text):
        quoted_key = f"{match['head']}{match['quote']}{match['key']}{match['quote']}{match['rest']}"
        yield Candidate(line, quoted_key, "quote", 0.11)
    if closed_brackets := _close_brackets(text):
        new, detail = closed_brackets
        yield Candidate(line, new, "bracket", 0.12, detail)
    if valueless := _header(outline, line, text):
        yield valueless
    yield from _colons(outline, line, text)
    yield from _strays(outline, line, text, at)
    yield from _dashes(outline, line, text, body)
    for column, cost in _indents(outline, line, text):
        # Words without a key would become the end of a text above: that hides them, and cures nothing.
        hidden = 0.5 * (not looks_like_key(text) and not body.startswith("-"))
        yield Candidate(line, " " * column + body, "indent", cost + hidden, str(column))
    if (match := _VALUE.match(text)) and (quoted := _quote(match["value"])):
        yield Candidate(line, f"{match['head']}{quoted}{match['comment'] or ''}", "quote-value", 0.3, match["value"])
    # Same length, so that nothing else moves. With more than a dash on it, the line's own key is lost.
    yield Candidate(line, " " * len(text), "drop", 0.9 if body.rstrip() != "-" else 0.12, problem)


def block_readings(outline: Outline, line: int, problem: str) -> Iterator[Candidate]:
    """The line together with all that follows at its indentation or deeper: moved, or dropped."""
    patched = outline.patched
    text = patched.line_text(line)
    own = indent_of(text)
    if not text.strip() or not own:
        return
    block = [line]
    for number in range(line + 1, min(line + LONGEST_BLOCK, patched.index.line_count)):
        other = patched.line_text(number)
        if is_content(other) and indent_of(other) < own:
            break
        block.append(number)
    while not is_content(patched.line_text(block[-1])):
        block.pop()
    if len(block) < 2:
        return
    for column in _wanted(outline, line, text)[:3]:
        moved = [(n, _shifted(patched.line_text(n), column - own)) for n in block]
        cost = 0.3 + 0.1 * (outline.oddity(line, moved[0][1]) > 0) + 0.01 * abs(column - own)
        yield Candidate(line, moved[0][1], "block", cost, f"{column} {block[-1]}", tuple(moved[1:]))
    blank = [(n, " " * len(patched.line_text(n))) for n in block]
    yield Candidate(line, blank[0][1], "drop-block", 0.95, problem, tuple(blank[1:]))


def _shifted(text: str, by: int) -> str:
    if not text.strip():
        return text
    return " " * by + text if by > 0 else text[min(-by, indent_of(text)) :]


def _without_tabs(outline: Outline, line: int, text: str, body: str) -> Iterator[Candidate]:
    step = outline.step
    width = _width(text, step)
    others = _tabbed(outline, line)
    many = len(others) + 1 >= MANY_TABS  # Below that, each is shown where it stands.
    # The tab may have taken the place of nothing: the spaces beside it are then the column, if one is open there.
    beside = {level.column for level in outline.levels.get(line, ())} & {indent_of(text)}
    wanted = {width, *beside, *_wanted(outline, line, text)}
    for column in sorted(wanted, key=lambda c: (abs(c - width), c))[:5]:
        new = " " * column + body
        cost = 0.05 + 0.05 * outline.oddity(line, new) + 0.01 * abs(column - width)
        yield Candidate(line, new, "tab", cost)
        if many and column == width:
            yield Candidate(line, new, "tab", cost - 0.01, str(len(others) + 1), others)
    yield Candidate(line, " " * len(text), "drop", 0.9, "found a tab character")


def _width(text: str, step: int) -> int:
    """The indentation in columns, with a tab as wide as a step."""
    lead = text[: len(text) - len(text.lstrip())]
    return lead.count(" ") + lead.count("\t") * step


def _tabbed(outline: Outline, line: int) -> tuple[tuple[int, str], ...]:
    """The lines below that tabs indent as well: whoever presses the key once has pressed it before."""
    patched = outline.patched
    out: list[tuple[int, str]] = []
    for match in _TABBED.finditer(patched.text, patched.start_of(line)):
        number = patched.line_of(match.start())
        text = patched.line_text(number)
        if number != line and len(text) <= MAX_LINE and len(out) < LONGEST_BLOCK:
            out.append((number, " " * _width(text, outline.step) + text.lstrip()))
    return tuple(out)


def _colons(outline: Outline, line: int, text: str) -> Iterator[Candidate]:
    """A key whose colon is not there yet, where it stands or level with a neighbour."""
    if (match := _WRONG_COLON.match(text)) and not looks_like_key(text):
        new = f"{match['head']}{match['key']}: {match['rest'] or ''}".rstrip()
        yield Candidate(line, new, "wrong-colon", 0.07, match["sign"])
    if match := _BARE_WORD.match(text):
        tail = f"{match['word']}:" + (f" {match['comment']}" if match["comment"] else "")
        word = match["word"].strip("\"'")
        here = match["head"] + tail
        cost = 0.12 + 0.04 * outline.oddity(line, here) + _theft(outline, line, text)
        yield Candidate(line, here, "colon", cost, word)
        if more := _bare_words_below(outline, line):
            yield Candidate(line, match["head"] + tail, "colon", 0.25, word, more)
        if "-" not in match["head"]:
            for column in _wanted(outline, line, text)[:3]:
                there = " " * column + tail
                cost = 0.14 + 0.04 * outline.oddity(line, there) + 0.01 * abs(column - len(match["head"]))
                yield Candidate(line, there, "colon", cost, word)
    elif (match := _TWO_WORDS.match(text)) and not looks_like_key(text):
        # ``- id x`` with the item's other keys below leaves no doubt.
        following = below(outline.patched, line)
        item = "-" in match["head"] and following is not None
        item = item and indent_of(outline.patched.line_text(following or 0)) == len(match["head"])
        cost = 0.08 if item else 0.2
        yield Candidate(line, f"{match['head']}{match['word']}: {match['rest']}", "colon", cost, match["word"])


def _header(outline: Outline, line: int, text: str) -> Candidate | None:
    """A key with a value that cannot stand there, and with deeper lines below: those are what it holds."""
    match = _VALUED_KEY.match(text)
    following = below(outline.patched, line)
    if match is None or following is None:
        return None
    value = without_comment(match["value"])
    next_text = outline.patched.line_text(following)
    deeper = indent_of(next_text) > columns(text)[-1] and (
        looks_like_key(next_text) or next_text.lstrip().startswith("-")
    )
    # After an ordinary value it is more likely the lines below that stand too far right.
    odd = value[:1] in _INDICATORS or ": " in value or value.endswith(":")
    if not deeper or not odd:
        return None
    return Candidate(line, match["key"], "header", 0.05, value)


def _theft(outline: Outline, line: int, text: str) -> float:
    """The cost of a key that would take over what stands below from the header above."""
    before, following = above(outline.patched, line), below(outline.patched, line)
    if before < 0 or following is None:
        return 0
    head, own = outline.patched.line_text(before), columns(text)[0]
    stolen = is_header(head) and indent_of(head) == own < indent_of(outline.patched.line_text(following))
    return 0.85 if stolen else 0


def _bare_words_below(outline: Outline, line: int) -> tuple[tuple[int, str], ...]:
    """The next lines, as long as they too are a word without a colon: to YAML they are one text."""
    out: list[tuple[int, str]] = []
    number = below(outline.patched, line)
    while number is not None and len(out) < 3 and (match := _BARE_WORD.match(outline.patched.line_text(number))):
        out.append((number, f"{match['head']}{match['word']}:" + (f" {match['comment']}" if match["comment"] else "")))
        number = below(outline.patched, number)
    return tuple(out)


def _strays(outline: Outline, line: int, text: str, at: int | None) -> Iterator[Candidate]:
    """Characters that do not belong: before a key, or a bracket too many."""
    if match := _STRAY.match(text):
        # Spaces keep the key where it stood when the stray characters took the place of its indentation.
        for lead, cost in (("", 0.10), (" " * len(match["stray"]), 0.11), (match["gap"], 0.12)):
            new = f"{match['head']}{lead}{match['rest']}"
            yield Candidate(line, new, "stray", cost + 0.05 * outline.oddity(line, new), match["stray"])
    if match := _STRAY_TAIL.match(text):
        # After a header it is a slip; otherwise more likely a value that wants quotes.
        cost = 0.09 + 0.25 * outline.oddity(line, match["head"]) + _theft(outline, line, text)
        yield Candidate(line, match["head"], "stray", cost, match["stray"])
    if at is not None and text[at : at + 1] in {"]", "}", ","}:
        yield Candidate(line, text[:at] + text[at + 1 :], "stray", 0.2, text[at])


def _dashes(outline: Outline, line: int, text: str, body: str) -> Iterator[Candidate]:
    """An item whose dash is missing, and a dash where there is no list."""
    levels = outline.levels.get(line, ())
    if not body.startswith("-") and looks_like_key(text):
        own = indent_of(text)
        for level in levels:
            if level.dash and abs(level.column - own) <= 3:
                cost = 0.12 + 0.04 * abs(level.column - own)
                yield Candidate(line, " " * level.column + "- " + body, "dash", cost)
    if body.startswith("- ") and looks_like_key(text):
        bare = body.lstrip("- ")
        # Beside other items it is the indentation that is wrong.
        beside = 0.15 * any(level.dash for level in levels)
        for column in {columns(text)[-1], *(lv.column for lv in levels if not lv.dash)}:
            if abs(column - columns(text)[-1]) <= 2:
                new = " " * column + bare
                cost = 0.14 + beside + 0.05 * outline.oddity(line, new) + 0.02 * abs(column - columns(text)[-1])
                yield Candidate(line, new, "no-dash", cost)


def _wanted(outline: Outline, line: int, text: str) -> list[int]:
    """Columns at which the line may have been meant to start, near ones first."""
    patched = outline.patched
    own = indent_of(text)
    step = outline.step
    out = {level.column for level in outline.levels.get(line, ())}
    before = above(patched, line)
    if before >= 0:
        previous = patched.line_text(before)
        at = columns(previous)
        out.update((at[0], at[-1]))
        if is_header(previous):
            out.add(at[-1] + step)
    following = below(patched, line)
    if following is not None:
        next_at = indent_of(patched.line_text(following))
        out.add(next_at)
        if (is_header(text) or text.lstrip().startswith("- ")) and next_at >= step:
            out.add(next_at - step)
    return sorted(out - {own}, key=lambda c: (abs(c - own), c))


def _indents(outline: Outline, line: int, text: str) -> Iterable[tuple[int, float]]:
    """Indents with costs: usual relations to the lines around first, then near ones."""
    own = indent_of(text)
    body = text[own:]
    before = above(outline.patched, line)
    sibling = indent_of(outline.patched.line_text(before)) if before >= 0 else 0
    now = outline.oddity(line, text)
    for column in _wanted(outline, line, text)[:5]:
        better = now - outline.oddity(line, " " * column + body)
        cost = 0.23 - 0.05 * better + 0.01 * min(abs(column - own), 8) - 0.015 * (column == sibling)
        yield column, cost


def open_quote(text: str) -> tuple[str, int] | None:
    """The quote that is still open at the line's end, and where it starts."""
    if ('"' not in text and "'" not in text) or len(text) > MAX_LINE:
        return None
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
        elif char in "\"'" and (i == 0 or text[i - 1] in _OPENERS):
            quote, start = char, i
        i += 1
    return (quote, start) if quote else None


def close_quote(text: str) -> str | None:
    """The line with its open quote closed."""
    found = open_quote(text)
    if found is None:
        return None
    quote, start = found
    content = text.rstrip()
    comment = re.search(r"\s+#", content[start + 1 :])
    end = start + 1 + comment.start() if comment else len(content)
    if any(bracket in content[:start] for bracket in "[{"):  # [one, "two] → [one, "two"]
        end = max(len(content[:end].rstrip("]}, ")), start + 1)
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
        elif char in "\"'" and text[i - 1 : i] in {"", *_OPENERS}:
            quote = char
        elif char == "#" and text[i - 1 : i].isspace():
            end = len(text[:i].rstrip())
            break
        elif char in "[{" and (stack or text[:i].rstrip()[-1:] in {"", ":", "-"}):
            stack.append("]" if char == "[" else "}")
        elif char in "]}" and stack:
            if stack[-1] != char:  # The wrong one of the two.
                if char not in stack:
                    return text[:i] + stack[-1] + text[i + 1 :], stack[-1]
                missing = "".join(reversed(stack[len(stack) - stack[::-1].index(char) :]))
                return text[:i] + missing + text[i:], missing
            stack.pop()
    if not stack:
        return None
    closers = "".join(reversed(stack))
    return text[:end] + closers + text[end:], closers


def _quote(value: str) -> str | None:
    """The value as a single-quoted scalar; None where quoting cannot be what was meant."""
    if value[0] in "|>" or (value[0] in "\"'" and value[-1] == value[0] and len(value) > 1):
        inner = value[1:-1]
        return "'" + inner.replace("'", "''") + "'" if value[0] == "'" and "'" in inner else None
    return "'" + value.replace("'", "''") + "'"

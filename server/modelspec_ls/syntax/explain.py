"""Syntax problems in a person's words, placed on the accident rather than where the parser gave up."""

from __future__ import annotations

import re

from modelspec_ls.core.text import Span
from modelspec_ls.core.words import shorten

from .events import YamlFault
from .lines import PatchedLines
from .nodes import SyntaxProblem
from .readings import Candidate

# The parsers' phrases that a person cannot act on, and what they mean.
_PHRASES = (
    (
        "mapping values are not allowed",
        "A value cannot hold another `key: value` on its line. Quote it, or start a new line",
    ),
    ("could not find expected ':'", "Expected `key: value`"),
    (
        "did not find expected key",
        "This line does not belong to the mapping above. Check its indentation, and the quotes before it",
    ),
    (
        "did not find expected '-'",
        "Expected a list item (`- …`). Indent this line under the item above, or start it with a dash",
    ),
    ("expected <block end>", "This line does not fit the structure above. Check its indentation"),
    ("did not find expected ',' or ']'", "The `[` is never closed"),
    ("did not find expected ',' or '}'", "The `{` is never closed"),
    ("did not find expected <document start>", "Text before the first document: expected `---`"),
    (
        "found unknown directive name",
        "A line that starts with `%` is a YAML directive. Delete it or indent it",
    ),
    ("found unexpected end of stream", "A quote or bracket that is opened here is never closed"),
    ("found character", "This character cannot start a value. Quote the value"),
    ("found undefined tag handle", "This tag is not defined"),
    (
        "did not find expected alphabetic",
        "`*` and `&` start an alias or an anchor and need a name. Quote the value if you mean the character",
    ),
    ("did not find expected node content", "Expected a value here"),
    ("did not find expected comment or line break", "Unexpected text after a block scalar's `|` or `>`"),
    (
        "found unknown escape character",
        "Unknown escape in a double-quoted string. Double the backslash, or use single quotes",
    ),
    ("found a tab character", "Tab used for indentation; YAML allows only spaces here"),
    ("found duplicate anchor", "This anchor is defined twice"),
    ("special characters are not allowed", "This character is not allowed in YAML"),
)


def explain(patched: PatchedLines, fault: YamlFault, candidate: Candidate | None) -> SyntaxProblem:
    """Say what is wrong: by the repair that helped, else by the parser's own words."""
    if candidate is None:
        at = patched.to_original(fault.offset)
        line = patched.index.line_of(at)
        return SyntaxProblem(_content(patched, line), f"{_reason(fault.problem)}. Not read from here on.")
    span = _content(patched, candidate.line)
    old = patched.index.line_text(candidate.line)
    message, title = _words(patched, candidate, old, fault)
    if not title:
        return SyntaxProblem(_blame(patched, fault, candidate, span), message)
    fix_span, fix_text = _difference(patched.index.line_span(candidate.line), old, candidate.text)
    place = span
    if candidate.kind == "tab":
        start = patched.index.line_span(candidate.line).start
        place = Span(start, start + len(old) - len(old.lstrip()))
    elif candidate.kind == "indent":
        start = patched.index.line_span(candidate.line).start
        place = Span(start, span.end) if span.start == start else Span(span.start, span.end)
    return SyntaxProblem(place, message, title, fix_span, fix_text)


def _words(patched: PatchedLines, candidate: Candidate, old: str, fault: YamlFault) -> tuple[str, str]:
    """Message and fix title; no title where the repair is no cure."""
    detail = shorten(candidate.detail, 40)
    match candidate.kind:
        case "tab":
            return "Tab used for indentation; YAML allows only spaces here.", "Replace the tab by spaces"
        case "colon-space":
            return (
                f"`{detail}:` needs a space after the colon; without it the line is one word.",
                "Insert a space after the colon",
            )
        case "dash-space":
            return "`-` needs a space after it to start a list item.", "Insert a space after the dash"
        case "quote":
            mark = candidate.text[len(old.rstrip()) :].strip()[:1] or "quote"
            mark = '"' if candidate.text.count('"') > old.count('"') else "'" if mark != '"' else mark
            return f"The quote `{mark}` is opened here and never closed.", "Close the quote"
        case "bracket":
            return f"The bracket opened here is never closed: expected `{detail}`.", f"Insert `{detail}`"
        case "colon":
            return f"Expected `key: value`: `{detail}` has no colon.", "Insert a colon"
        case "indent":
            now = len(old) - len(old.lstrip(" "))
            return (
                f"Indented by {_spaces(now)}, but its neighbours stand at {_spaces(int(candidate.detail))}.",
                f"Indent by {_spaces(int(candidate.detail))}",
            )
        case "quote-value":
            return f"`{detail}` must be quoted: {_why_quote(candidate.detail)}.", "Quote the value"
        case _:
            return f"{_reason(fault.problem, old.strip())}.", ""


def _spaces(count: int) -> str:
    return "1 space" if count == 1 else f"{count} spaces" if count else "no spaces"


def _why_quote(value: str) -> str:
    if value[0] in "@`%":
        return f"YAML reserves `{value[0]}` at the start of a value"
    if value[0] == "*":
        return "`*` starts an alias"
    if value[0] in "\"'":
        return "there is text after the closing quote"
    if value[0] in "[]{},":
        return f"`{value[0]}` belongs to a list or map in brackets"
    if ": " in value or value.endswith(":"):
        return "it holds `: `, which starts a nested key"
    return "YAML reads it as something else"


def _reason(problem: str, line: str = "") -> str:
    if line.startswith("%"):
        return "A line that starts with `%` is a YAML directive. Delete it or indent it"
    for phrase, words in _PHRASES:
        if phrase in problem:
            return words
    return problem[:1].upper() + problem[1:].rstrip(".")


def _content(patched: PatchedLines, line: int) -> Span:
    """The line without its indentation, comment and trailing blanks."""
    start, end = patched.index.line_span(line)
    text = patched.original[start:end]
    body = re.sub(r"\s+#.*$", "", text).rstrip()
    lead = len(text) - len(text.lstrip())
    return Span(start + min(lead, len(body)), start + max(len(body), min(lead, len(text))))


def _blame(patched: PatchedLines, fault: YamlFault, candidate: Candidate, span: Span) -> Span:
    """From the parser's own place to the line's end, when that place is on the blamed line."""
    at = patched.to_original(fault.offset)
    if patched.line_of(fault.offset) == candidate.line and span.start < at < span.end:
        return Span(at, span.end)
    return span


def _difference(line: Span, old: str, new: str) -> tuple[Span, str]:
    """The smallest replacement that turns the old line into the new one."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return Span(line.start + head, line.start + len(old) - tail), new[head : len(new) - tail]


def explain_json(text: str, offset: int, reason: str) -> SyntaxProblem:
    """A JSON parser's complaint, placed."""
    at = min(offset, len(text))
    what = repr(text[at]) if at < len(text) else "the end of the file"
    return SyntaxProblem(Span(at, min(at + 1, len(text))), f"Not JSON: {reason[:1].lower()}{reason[1:]}, found {what}.")

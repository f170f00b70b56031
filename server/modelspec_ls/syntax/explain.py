"""Syntax problems in a person's words, placed on the accident rather than where the parser gave up."""

from __future__ import annotations

import re

from modelspec_ls.core.text import Span
from modelspec_ls.core.words import shorten

from .build import DEPTH
from .events import YamlFault
from .lines import PatchedLines, common
from .nodes import SyntaxProblem
from .outline import above, below, columns, indent_of, is_header, without_comment
from .readings import Candidate, open_quote

_SINGLE_QUOTED = re.compile(r"'((?:\\.|[^'\\\r\n])*)'")
_CONSTANT = re.compile(r'"(?:\\.|[^"\\])*"|(-?Infinity|NaN)')
_MISFIT = "This line does not fit the lines above. Check its indentation, and quotes left open above it"
_DIRECTIVE = "A line that starts with `%` is a YAML directive. Delete it, or indent it"
_STARTS = {
    "*": "an alias",
    "&": "an anchor",
    "!": "a tag",
    "?": "a key",
    "-": "a list, which needs a line of its own",
    "|": "a text of several lines",
    ">": "a text of several lines",
}
_TAB = ("Tab used for indentation", "Replace the tab by spaces")
_OPENING = {"]": "[", "}": "{"}
_OPEN = "A quote or bracket that is opened here is never closed"
# The parsers' phrases that a person cannot act on, and what they mean.
_PHRASES = (
    ("mapping values are not allowed", "Found a second `: ` on the line. Quote the value, or start a new line"),
    ("could not find expected ':'", "Expected `key: value`, found no colon. Complete the line or delete it"),
    ("expected key", _MISFIT),
    ("expected <block end>", _MISFIT),
    ("expected '-'", "Expected a list item (`- …`). Indent this line under the item above, or start it with a dash"),
    ("expected ',' or ']'", "The `[` is never closed: expected `,` or `]`"),
    ("expected ',' or '}'", "The `{{` is never closed: expected `,` or `}}`"),
    ("<document start>", "Text before the first document: expected `---`"),
    ("unknown directive", _DIRECTIVE),
    ("unexpected end of stream", _OPEN),
    ("unexpected document", _OPEN),
    ("sequence entries", "A list cannot start on the line of its key. Put `- ` on a new line, or quote the value"),
    ("found character", "`{char}` cannot start a value. Quote the value"),
    ("undefined tag", "This tag is not defined. Delete the `!`, or quote the value"),
    ("expected alphabetic", "`*` and `&` start an alias or an anchor and need a name. Quote the value, or delete it"),
    ("node content", "Expected a value here"),
    ("comment or", "Unexpected text after a block scalar's `|` or `>`. Start the text on the next line"),
    ("unknown escape", "Unknown escape in a double-quoted string. Double the backslash, or use single quotes"),
    ("tab character", "Tab used for indentation; YAML allows only spaces here"),
    ("duplicate anchor", "This anchor is defined twice"),
    ("special characters", "This character is not allowed in YAML"),
)


def explain(patched: PatchedLines, fault: YamlFault, candidate: Candidate | None) -> SyntaxProblem:
    """Say what is wrong: by the repair that helped, else by the parser's own words."""
    if candidate is None:
        at = min(patched.to_original(fault.offset), len(patched.original))
        place = _content(patched, patched.index.line_of(at))
        if fault.context == DEPTH:
            return SyntaxProblem(place, f"Too deep to read: {fault.problem}. Flatten the structure.")
        return SyntaxProblem(place, f"{_reason(patched, fault)}. Nothing below is read.")
    message, title = _words(patched, candidate, fault)
    place = _content(patched, candidate.line)
    fix = _fix(patched, candidate) if title else None
    if fix is None:
        return SyntaxProblem(_blame(patched, fault, candidate, place), message)
    safe = _safe(patched, candidate)
    return SyntaxProblem(_place(patched, candidate, place, fix[0]), message, title, *fix, safe=safe)


def _safe(patched: PatchedLines, candidate: Candidate) -> bool:
    """Whether the repair can only be what was meant: no text goes, and no line changes its parent."""
    old, new = patched.line_text(candidate.line), candidate.text
    if candidate.more:
        return False
    match candidate.kind:
        case "colon-space" | "dash-space" | "quote-value":
            return True
        case "quote":
            return new[:-1] == old.rstrip()
        case "indent":
            return abs(indent_of(new) - indent_of(old)) == 1 and _among_siblings(patched, candidate)
        case "tab":
            return _among_siblings(patched, candidate)
        case _:
            return False


def _among_siblings(patched: PatchedLines, candidate: Candidate) -> bool:
    """Whether a line that holds nothing comes to stand level with a line above, and no other column fits."""
    column = indent_of(candidate.text)
    before, following = above(patched, candidate.line), below(patched, candidate.line)
    if before < 0 or is_header(candidate.text):
        return False
    at, header = columns(patched.line_text(before))[-1], is_header(patched.line_text(before))
    next_at = None if following is None else indent_of(patched.line_text(following))
    if next_at is not None and next_at > column:
        return False
    if header:
        return column == next_at and column > at
    return column == at and (candidate.kind == "indent" or next_at == column)


def _words(patched: PatchedLines, candidate: Candidate, fault: YamlFault) -> tuple[str, str]:
    """Message and fix title; no title where the repair is no cure."""
    old = patched.line_text(candidate.line)
    detail = shorten(candidate.detail, 40)
    now = indent_of(old)
    match candidate.kind:
        case "tab":
            what, fix = (
                (f"Tabs used for indentation in {detail} lines", "Replace the tabs by spaces") if detail else _TAB
            )
            return f"{what}; YAML allows only spaces here.", fix
        case "colon-space":
            return (
                f"`{detail}:` needs a space after the colon; without it the line is one word.",
                "Insert a space after the colon",
            )
        case "dash-space":
            return "`-` needs a space after it to start a list item.", "Insert a space after the dash"
        case "dash":
            return "Expected a list item: the dash before this key is missing.", "Insert a dash"
        case "no-dash":
            return (
                "A list item (`- `) cannot stand among `key: value` lines. Delete the dash, or give the list a key.",
                "Delete the dash",
            )
        case "quote":
            return f"The quote `{(open_quote(old) or old)[0]}` is opened here and never closed.", "Close the quote"
        case "bracket":
            return f"The bracket opened here is never closed: expected `{detail}`.", f"Insert `{detail}`"
        case "colon":
            return f"Expected `key: value`: `{detail}` has no colon.", "Insert a colon"
        case "wrong-colon":
            return f"Expected `key: value`, found `{detail}` instead of the colon.", "Write a colon"
        case "header":
            message = f"`{detail}` stands where nothing may: the lines below are the value of this key."
            return f"{message} Delete it, or the lines.", f"Delete `{detail}`"
        case "stray":
            return f"`{detail}` does not belong here. Delete it.", f"Delete `{detail}`"
        case "indent":
            then = int(candidate.detail)
            return (
                f"Indented by {_spaces(now)}, but its neighbours stand at {_spaces(then)}.",
                f"Indent by {_spaces(then)}",
            )
        case "block":
            column, last = map(int, candidate.detail.split())
            return (
                f"Lines {candidate.line + 1} to {last + 1} are indented by {_spaces(now)}; expected {_spaces(column)}.",
                f"Indent the lines by {_spaces(column)}",
            )
        case "quote-value":
            return f"`{detail}` must be quoted: {_why_quote(candidate.detail)}.", "Quote the value"
        case "skip":
            first, last = candidate.line + 1, max(candidate.patches) + 1
            rest = f" Lines {first} to {last} are not read." if last > first else ""
            return f"{_reason(patched, fault)}.{rest}", ""
        case _:
            return f"{_dropped(patched, candidate.line, fault)}.", ""


def _dropped(patched: PatchedLines, line: int, fault: YamlFault) -> str:
    """Why a line could not be read: by its own look where the parser stumbled only later."""
    text = patched.line_text(line).strip()
    if text.startswith("- ") or text == "-":
        return "A list item (`- `) cannot stand here. Check its indentation, or delete it"
    if text.startswith("%") or patched.line_of(fault.offset) == line:
        return _reason(patched, fault, text)
    if found := open_quote(text):
        return f"The quote `{found[0]}` is opened here and never closed"
    if ": " not in text and not text.endswith(":"):
        return f"Expected `key: value`, found `{shorten(text, 40)}`. Complete the line or delete it"
    return "This line does not fit the lines around it. Check its indentation, quotes and brackets"


def _place(patched: PatchedLines, candidate: Candidate, content: Span, changed: Span) -> Span:
    """What to underline: the accident itself where it is visible, else the line's content."""
    line = patched.index.line_span(candidate.line)
    if candidate.kind == "tab":
        return Span(line.start, max(content.start, line.start + 1))
    if candidate.kind == "stray" and changed.end > changed.start:
        return Span(max(changed.start, line.start), changed.end)
    start = content.start
    old = patched.index.line_text(candidate.line)
    if candidate.kind == "quote" and (found := open_quote(old)):
        start = line.start + found[1]
    elif candidate.kind in {"quote-value", "header", "wrong-colon"}:
        start = changed.start
    elif candidate.kind == "bracket" and candidate.detail:
        start = line.start + max(old.find(_OPENING.get(candidate.detail[-1], " ")), 0)
    return Span(start, content.end) if content.start <= start < content.end else content


def _fix(patched: PatchedLines, candidate: Candidate) -> tuple[Span, str] | None:
    """The smallest replacement that does in the original what the candidate does in the text as it is now."""
    patches = candidate.patches
    first, last = min(patches), max(patches)
    start, end = patched.start_of(first), patched.start_of(last) + len(patched.line_text(last))
    old = patched.text[start:end]
    new = ""
    for line in range(first, last + 1):
        at = patched.start_of(line)
        after = at + len(patched.line_text(line))
        new += patches.get(line, patched.text[at:after])
        if line < last:
            new += patched.text[after : patched.start_of(line + 1)]
    span, text = _difference(Span(start, end), old, new)
    place = Span(patched.to_original(span.start), patched.to_original(span.end))
    # What was put right before, such as a template, must not be written into the user's text.
    same = patched.original[place.start : place.end] == patched.text[span.start : span.end]
    return (place, text) if same else None


def _spaces(count: int) -> str:
    return "1 space" if count == 1 else f"{count} spaces" if count else "no spaces"


def _why_quote(value: str) -> str:
    if value[0] == "`":
        return "YAML reserves the backtick at the start of a value"
    if value[0] in "@%":
        return f"YAML reserves `{value[0]}` at the start of a value"
    if value[0] in _STARTS:
        return f"`{value[0]}` starts {_STARTS[value[0]]}"
    if value[0] in "\"'":
        return "there is text after the closing quote"
    if value[0] in "[]{},":
        return f"`{value[0]}` belongs to a list or map in brackets"
    if ": " in value or value.endswith(":"):
        return "it holds `: `, which starts a nested key"
    return "YAML reads it as something else"


def _reason(patched: PatchedLines, fault: YamlFault, line: str = "") -> str:
    if line.startswith("%"):
        return _DIRECTIVE
    for phrase, words in _PHRASES:
        if phrase in fault.problem:
            return words.format(char=patched.text[fault.offset : fault.offset + 1] or "this character")
    return fault.problem[:1].upper() + fault.problem[1:].rstrip(".")


def _content(patched: PatchedLines, line: int) -> Span:
    """The line without its indentation, comment and trailing blanks."""
    start, end = patched.index.line_span(line)
    text = patched.original[start:end]
    body = without_comment(text) or text.rstrip()
    lead = len(text) - len(text.lstrip())
    return Span(start + min(lead, len(body)), start + max(len(body), min(lead, len(text))))


def _blame(patched: PatchedLines, fault: YamlFault, candidate: Candidate, span: Span) -> Span:
    """From the parser's own place to the line's end, when that place is on the blamed line."""
    at = patched.to_original(fault.offset)
    if patched.line_of(fault.offset) == candidate.line and span.start < at < span.end:
        return Span(at, span.end)
    return span


def _difference(place: Span, old: str, new: str) -> tuple[Span, str]:
    """The smallest replacement that turns the old text into the new one."""
    head = common(old, new)
    tail = common(old[head:][::-1], new[head:][::-1])
    return Span(place.start + head, place.start + len(old) - tail), new[head : len(new) - tail]


def explain_json(text: str, offset: int, reason: str) -> SyntaxProblem:
    """A JSON parser's complaint, placed."""
    at = min(offset, len(text))
    head = text[:at].rstrip()
    if text[at : at + 1] == "," and text[at + 1 :].lstrip()[:1] in {"]", "}"}:
        head, at = text[: at + 1], at + 1
    closing = text[at:].lstrip()[:1]
    if head.endswith(",") and closing in {"]", "}"}:
        place = Span(len(head) - 1, len(head))
        message = f"Not JSON: no comma before `{closing}`. Delete the comma."
        return SyntaxProblem(place, message, "Delete the comma", place, "")
    if text.startswith(("//", "/*", "#"), at):
        end = next((i for i in range(at, len(text)) if text[i] in "\r\n"), len(text))
        return SyntaxProblem(Span(at, end), "JSON has no comments. Delete it, or use a YAML file.")
    if text[at : at + 1] == "'":
        found = _SINGLE_QUOTED.match(text, at)
        if found is None:
            return SyntaxProblem(Span(at, at + 1), "Not JSON: strings need double quotes.")
        place = Span(at, found.end())
        new = '"' + found[1].replace("\\'", "'").replace('"', '\\"') + '"'
        return SyntaxProblem(Span(at, at + 1), "Not JSON: strings need double quotes.", "Use double quotes", place, new)
    what = repr(text[at]) if at < len(text) else "the end of the file"
    return SyntaxProblem(Span(at, min(at + 1, len(text))), f"Not JSON: {reason[:1].lower()}{reason[1:]}, found {what}.")


def explain_constant(text: str, name: str) -> SyntaxProblem:
    """``NaN`` and the like, which Python's JSON parser takes and others do not; it does not say where."""
    found = next((m for m in _CONSTANT.finditer(text) if m[1] == name), None)
    place = Span(found.start(), found.end()) if found else Span(0, 0)
    return SyntaxProblem(place, f"`{name}` is not JSON. Write a number, or leave the field out.")

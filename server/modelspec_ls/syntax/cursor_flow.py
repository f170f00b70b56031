"""The cursor inside brackets: flow style and JSON."""

from __future__ import annotations

import re

from modelspec_ls.core.text import LineIndex, Span

from .cursor_mark import MARK, CursorContext, CursorLine, find_mark, held
from .nodes import Tree, key_text

_WORD_BEFORE = re.compile(r"""["']?[^\s"'\[\]{},:]*$""")
_FLOW_WORD_AFTER = re.compile(r"""[^\s"'\[\]{},:]*["']?""")


def flow_context(tree: Tree, index: LineIndex, number: int, line: CursorLine) -> CursorContext | None:
    """Inside brackets: the word at the cursor becomes a mark, as a key or as a value."""
    before, after = line.text[: line.column], line.text[line.column :]
    typed = _open_string(before)
    if typed is None:
        typed_word = _WORD_BEFORE.search(before)
        begin = typed_word.start() if typed_word else line.column
        tail = _FLOW_WORD_AFTER.match(after)
        end = line.column + (tail.end() if tail and begin < line.column else 0)
    else:
        begin = typed
        closing = after.find(before[typed])
        end = line.column + closing + 1 if closing >= 0 and ":" not in after[:closing] else line.column
    quote = before[begin] if begin < len(before) and before[begin] in {"'", '"'} else ""
    left = line.text[:begin].rstrip()
    right = line.text[end:]
    has_colon = right.lstrip().startswith(":")
    word = f'"{MARK}"'
    at = line.start + len(left) if left else _last_content(index, number)
    previous = index.text[at - 1 : at]
    following = right.lstrip()[:1] or _first_char_below(index, number)
    comma_after = following not in {"]", "}", ",", ""}
    comma_before = previous not in {"{", "[", ",", ""}
    attempts = []
    if previous == ":":
        comma_before = comma_after = False
        attempts = [f"{line.text[:begin]} {word}{right}"]
    elif has_colon:
        attempts = [f"{line.text[:begin]}{word}{right}"]
    else:
        joined = "," if comma_after else ""
        lead = "," if comma_before else ""
        attempts = [
            f"{line.text[:begin]}{lead}{word}: 0{joined}{right}",
            f"{line.text[:begin]}{lead}{word}: 0}}{right}",
            f"{line.text[:begin]}{lead}{word}{joined}{right}",
        ]
    for attempt in attempts:
        found = find_mark(tree, index, number, attempt, strict=attempt is not attempts[-1])
        if found is not None:
            break
    else:
        return None
    document, path, is_key, mapping = found
    replace = Span(line.start + begin, line.start + end)
    # Inside a closed quote an offer replaces all of it.
    closed = quote and end - begin > 1 and end > line.column and line.text[end - 1] == quote
    prefix = replace if closed else Span(line.start + begin, line.start + line.column)
    if not is_key:
        return CursorContext(
            "value",
            document.number,
            path,
            prefix,
            replace,
            0,
            line.indent,
            flow=True,
            quote=quote,
            needs_space=line.text[:begin].endswith(":"),
            value=line.text[begin:end].strip("\"' "),
            cursor=line.start + line.column,
        )
    keys = [k for pair in mapping.pairs if (k := key_text(pair.key)) is not None]
    if MARK not in keys:  # Behind a closed quote there is no word to go on with.
        return None
    place = keys.index(MARK)
    return CursorContext(
        "key",
        document.number,
        path[:-1],
        prefix,
        replace,
        0,
        line.indent,
        tuple(k for k in keys if k != MARK),
        tuple(keys[:place]),
        has_colon=has_colon,
        flow=True,
        quote=quote,
        comma_before=at if comma_before and not has_colon else None,
        comma_after=comma_after and not has_colon,
        holds=held(mapping) if has_colon else "",
        braces=mapping.pairs[place].key.start == mapping.start,
        cursor=line.start + line.column,
    )


def _open_string(before: str) -> int | None:
    """Where a string that is still open at the cursor starts."""
    start: int | None = None
    i = 0
    while i < len(before):
        char = before[i]
        if start is not None:
            if char == "\\" and before[start] == '"':
                i += 1
            elif char == before[start]:
                start = None
        elif char in "\"'" and (i == 0 or before[i - 1] in " \t[{,:"):
            start = i
        i += 1
    return start


def _last_content(index: LineIndex, number: int) -> int:
    """The offset after the last content character above a line."""
    for above in range(number - 1, -1, -1):
        text = index.line_text(above).split(" #")[0].rstrip()
        if text:
            return index.starts[above] + len(text)
    return 0


def _first_char_below(index: LineIndex, number: int) -> str:
    for below in range(number + 1, index.line_count):
        text = index.line_text(below).strip()
        if text and not text.startswith("#"):
            return text[0]
    return ""

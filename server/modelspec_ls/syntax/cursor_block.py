"""The cursor in block style: on a line of its own indentation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelspec_ls.core.text import LineIndex, Span

from .cursor_mark import MARK, CursorContext, CursorLine, Mark, find_mark, held
from .edit import indent_step
from .nodes import Tree, key_text
from .parse import parse

_KEY_COLON = re.compile(
    r"""(?P<key>"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|[^\s#"'\[\]{},&*!|>%@`][^#:]*?)[ \t]*:(?=[ \t]|$)"""
)
_NO_KEY = re.compile(r"(?P<key>):(?=[ \t]|$)")


def block_context(tree: Tree, index: LineIndex, number: int, line: CursorLine) -> CursorContext | None:
    """The context on a line in block style: behind a colon a value, else a key or an item."""
    rest = line.text[line.body :]
    if line.column < line.body and line.text.strip():
        # In front of the line's content: a new line would be written above; nothing to offer in place.
        if line.column > line.indent or line.dashes:
            return None
        if line.column < line.indent:
            return None
    match = _KEY_COLON.match(rest) or (_NO_KEY.match(rest) if line.column <= line.body else None)
    if match is not None and line.body + match.end() <= line.column:
        return _block_value(tree, index, number, line, line.body + match.end())
    return _block_key(tree, index, number, line, match)


def _block_value(tree: Tree, index: LineIndex, number: int, line: CursorLine, colon: int) -> CursorContext | None:
    """After ``key:`` on its line."""
    value = re.sub(r"(^|\s+)#.*$", "", line.text[colon:])
    lead = len(value) - len(value.lstrip())
    begin = min(colon + lead, line.column) if value.strip() else line.column
    end = max(colon + len(value.rstrip()), line.column) if value.strip() else line.column
    typed = line.text[begin : line.column]
    if value.strip()[:1] in {"&", "*", "!", "|", ">"}:
        return None
    quote = typed[:1] if typed[:1] in {"'", '"'} else ""
    probe = f"{line.text[:colon]} {MARK}"
    found = find_mark(tree, index, number, probe)
    if found is None:
        return None
    document, path, is_key, _ = found
    if is_key:
        return None
    span = Span(line.start + begin, line.start + end)
    return CursorContext(
        "value",
        document.number,
        path,
        span if _closed(tree.text, span) else Span(span.start, line.start + line.column),
        span,
        line.body,
        line.indent,
        quote=quote,
        needs_space=begin == colon,
        step=indent_step(tree.text),
        value=value.strip(),
        cursor=line.start + line.column,
    )


def _closed(text: str, span: Span) -> bool:
    """Whether a word is a quoted string with both its quotes: an offer replaces all of it."""
    return span.end - span.start > 1 and text[span.start] in {"'", '"'} and text[span.end - 1] == text[span.start]


def _block_key(
    tree: Tree, index: LineIndex, number: int, line: CursorLine, match: re.Match[str] | None
) -> CursorContext | None:
    """A key, or a plain list item, or the place for one."""
    word_end = line.body + (match.end("key") if match else len(line.text[line.body :].split(" #")[0].rstrip()))
    if line.column > max(word_end, line.body) and line.text[line.body : line.column].strip():
        return None
    tail = line.text[line.body + match.end("key") :] if match else ": "
    blank = not line.text.strip()
    if _after_end(index, number):
        # The parser takes nothing but ``---`` there.
        return None
    if blank and "\t" in line.text:
        # The tab may have cost the lines around it: read them without.
        end = line.start + len(line.text)
        tree = parse(tree.text[: line.start] + " " * len(line.text) + tree.text[end:])
    wanted = line.column + line.text[: line.column].count("\t") * (indent_step(tree.text) - 1)
    if blank and "\t" in line.text and (above := _above(index, number))[1]:
        wanted = above[0] + indent_step(tree.text)
    columns = _columns(tree, index, number, wanted) if blank else [line.indent]
    for column, dashed in _variants(columns, line, blank=blank):
        if blank and not dashed and (column, True) == _above(index, number) and _below(index, number, column):
            # Between a key and what hangs from it: a key here would take that away.
            continue
        head = " " * column if blank else line.text[: line.body]
        if dashed:
            head += "- "
        elif line.dashes and not head.endswith(" "):
            head += " "
        found = find_mark(tree, index, number, f"{head}{MARK}{tail}", strict=True)
        if found is not None:
            below = _below(index, number, column if blank else line.body) and not dashed
            return _key_context(tree, line, found, column, match, word_end, dashed=dashed, blank=blank, below=below)
    head = line.text[: line.body] if not blank else " " * line.column
    found = find_mark(tree, index, number, f"{head}{MARK}{tail}")
    if found is None:
        return None
    below = _below(index, number, line.column if blank else line.body)
    return _key_context(tree, line, found, line.indent, match, word_end, dashed=False, blank=blank, below=below)


def _variants(columns: list[int], line: CursorLine, *, blank: bool) -> Iterator[tuple[int, bool]]:
    for column in columns:
        yield column, False
        if blank or not line.dashes:
            yield column, True


def _columns(tree: Tree, index: LineIndex, number: int, wanted: int) -> list[int]:
    """Columns at which a line could start here, the one that fits the cursor's best first."""
    step = indent_step(tree.text)
    found: set[int] = set()
    limit: int | None = None
    parent = -1
    for above in range(number - 1, -1, -1):
        text = index.line_text(above)
        body = text.lstrip(" ")
        if not body or body.startswith("#"):
            continue
        indent = len(text) - len(body)
        if body.startswith(("---", "...")) and indent == 0:
            break
        if limit is None:
            key, opens = _above(index, number)
            if opens:
                found.add(key + step)
            # Lines below that hang neither from this line nor stand beside it have lost their parent.
            parent = wanted if (key < wanted if opens else key < _next_indent(index, number)) else -1
        if limit is None or indent < limit:
            found.add(indent)
            if body.startswith("- ") or body == "-":
                found.add(_key_column(text, indent))
            limit = indent
        if indent == 0:
            break
    found.add(0)
    # A key further left than the next line would swallow that line as its value.
    floor = _next_indent(index, number)
    found = {c for c in found if c >= floor or c == parent} or {floor}
    exact = sorted(found, key=lambda c: (c > wanted, abs(c - wanted)))
    return exact[:3]


def _above(index: LineIndex, number: int) -> tuple[int, bool]:
    """The column of the key on the content line above, and whether its value may stand on the lines below."""
    for above in range(number - 1, -1, -1):
        text = index.line_text(above)
        body = text.lstrip(" ")
        if body and not body.startswith("#"):
            return _key_column(text, len(text) - len(body)), bool(re.search(r":\s*(#.*)?$", text))
    return 0, False


def _after_end(index: LineIndex, number: int) -> bool:
    """Whether the content line above ends a document."""
    for above in range(number - 1, -1, -1):
        text = index.line_text(above).rstrip()
        if text and not text.startswith("#"):
            return text == "..." or text.startswith("... ")
    return False


def _below(index: LineIndex, number: int, column: int) -> bool:
    """Whether the lines below would be the value of a key at the column."""
    indent = _next_indent(index, number)
    if indent != column:
        return indent > column
    for below in range(number + 1, index.line_count):
        body = index.line_text(below).lstrip(" ")
        if body and not body.startswith("#"):
            return body.startswith("- ") or body == "-"
    return False


def _next_indent(index: LineIndex, number: int) -> int:
    """The indent of the next content line; 0 at the document's end."""
    for below in range(number + 1, index.line_count):
        text = index.line_text(below)
        body = text.lstrip(" ")
        if body.startswith(("---", "...")) and body == text:
            return 0
        if body and not body.startswith("#"):
            return len(text) - len(body)
    return 0


def _key_column(text: str, indent: int) -> int:
    dash = re.match(r"(?:-\s+)*", text[indent:])
    return indent + (dash.end() if dash else 0)


def _key_context(
    tree: Tree,
    line: CursorLine,
    found: Mark,
    column: int,
    match: re.Match[str] | None,
    word_end: int,
    *,
    dashed: bool,
    blank: bool,
    below: bool,
) -> CursorContext:
    document, path, _, mapping = found
    container = path[:-1]
    if blank:
        span = Span(line.start + min(column, line.column), line.start + line.column)
        if column == line.column or line.text[line.column :].strip():
            span = Span(line.start + line.column, line.start + line.column)
        if column != line.column or "\t" in line.text:
            # The line moves to the column where its keys belong.
            span = Span(line.start, line.start + line.column)
        prefix = span
    else:
        begin = line.start + line.body
        prefix = Span(begin, max(line.start + line.column, begin))
        span = Span(begin, max(line.start + word_end, prefix.end))
        if _closed(tree.text, span):
            prefix = span
    keys = [k for pair in mapping.pairs if (k := key_text(pair.key)) is not None]
    at = keys.index(MARK) if MARK in keys else len(keys)
    needs_space = bool(line.dashes) and not line.text[: line.body].endswith((" ", "\t"))
    indent = column + 2 if dashed else (column if blank else line.body + needs_space)
    return CursorContext(
        "key",
        document.number,
        container,
        prefix,
        span,
        indent,
        line.column if blank else line.indent,
        tuple(k for k in keys if k != MARK),
        tuple(keys[:at]),
        has_colon=match is not None,
        after_dash=bool(line.dashes),
        needs_dash=dashed,
        needs_space=needs_space,
        step=indent_step(tree.text),
        holds=held(mapping) if match is not None or below else "",
        below=below,
        cursor=line.start + line.column,
    )

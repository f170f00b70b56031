"""What a person at the cursor is about to write: a key, a value or a list item, and where it will hang.

The cursor's line is exchanged for one with a mark in it and the text is read again; the mark's place in
the tree is the answer. So the answer is right in half-typed and broken text, and it holds for block
style, flow style and JSON alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from modelspec_ls.core.path import DocPath
from modelspec_ls.core.text import LineIndex, Span

from .build import build
from .edit import indent_step
from .lines import PatchedLines
from .lookup import find, spot_at
from .nodes import Document, Mapping, Node, Scalar, Sequence, Tree, deref, key_text
from .parse import parse

MARK = "modelspec0cursor"

_HEAD = re.compile(r"(?P<indent>[ \t]*)(?P<dashes>(?:-[ \t]+)*(?:-(?=[ \t]*$))?)")
_KEY_COLON = re.compile(
    r"""(?P<key>"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|[^\s#"'\[\]{},&*!|>%@`][^#:]*?)[ \t]*:(?=[ \t]|$)"""
)
_WORD_BEFORE = re.compile(r"""["']?[^\s"'\[\]{},:]*$""")
_FLOW_WORD_AFTER = re.compile(r"""[^\s"'\[\]{},:]*["']?""")

Expecting = Literal["key", "value"]


class CursorContext(NamedTuple):
    """Where the cursor is.

    ``path`` is the container's for a key and the value's own for a value (an item's path ends in its
    index). In flow style ``comma_before`` is the offset at which a comma is missing, and ``comma_after``
    says that one is needed behind. ``prefix`` is what is typed before the cursor, ``replace`` the whole
    word; both lie on the cursor's line. ``indent`` is the column of the keys of the container;
    ``line_indent`` what stands before the cursor's word now. ``present`` are the keys that
    the container has already; ``above`` the ones of them above the cursor, last one last.
    """

    expecting: Expecting
    document: int
    path: DocPath
    prefix: Span
    replace: Span
    indent: int
    line_indent: int
    present: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    has_colon: bool = False
    after_dash: bool = False
    flow: bool = False
    quote: str = ""
    needs_space: bool = False
    needs_dash: bool = False
    step: int = 2
    value: str = ""
    comma_before: int | None = None
    comma_after: bool = False


class _Line(NamedTuple):
    """The cursor's line, taken apart."""

    start: int
    text: str
    column: int
    indent: int
    dashes: str
    body: int


def cursor_context(tree: Tree, index: LineIndex, offset: int) -> CursorContext | None:
    """The context at an offset; None in a comment, in a block scalar or inside a multi-line string."""
    number = index.line_of(offset)
    start, end = index.line_span(number)
    text = index.text[start:end]
    column = min(offset - start, len(text))
    if _in_comment(text, column):
        return None
    inside = _scalar_around(tree, offset)
    if inside is not None and (inside.style in {"|", ">"} or "\n" in tree.text[inside.start : min(offset, inside.end)]):
        return None
    flow = _in_flow(tree, text, column, offset)
    head = _HEAD.match(text)
    assert head is not None
    line = _Line(start, text, column, len(head["indent"]), head["dashes"], head.end())
    if flow or tree.json:
        return _flow_context(tree, index, number, line)
    return _block_context(tree, index, number, line)


def _in_comment(text: str, column: int) -> bool:
    quote = ""
    for i, char in enumerate(text[:column]):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and (i == 0 or text[i - 1] in " \t[{,:"):
            quote = char
        elif char == "#" and (i == 0 or text[i - 1] in " \t"):
            return True
    return False


def _scalar_around(tree: Tree, offset: int) -> Scalar | None:
    """The multi-line scalar that holds the offset, if one does."""
    for document in tree.documents:
        if not document.start <= offset <= document.end:
            continue
        node: Node = document.root
        while not isinstance(node, Scalar):
            children = _children(node)
            # A block scalar may also be continued on the blank lines below it.
            inner = next((c for c in children if c.start < offset <= c.end), None)
            if inner is None:
                break
            node = inner
        if isinstance(node, Scalar) and node.start < offset <= node.end:
            return node
    return None


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, Mapping):
        for pair in node.pairs:
            yield pair.value
    elif isinstance(node, Sequence):
        yield from node.items


def _in_flow(tree: Tree, text: str, column: int, offset: int) -> bool:
    """Whether the cursor stands in brackets, by the line itself or by the tree."""
    depth = 0
    quote = ""
    for i, char in enumerate(text[:column]):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and (i == 0 or text[i - 1] in " \t[{,:"):
            quote = char
        elif char in "[{" and (depth or text[:i].rstrip()[-1:] in {"", ":", "-"}):
            depth += 1
        elif char in "]}" and depth:
            depth -= 1
    if depth:
        return True
    for document in tree.documents:
        node: Node = document.root
        while True:
            if getattr(node, "flow", False) and node.start < offset < node.end:
                # A bracket that a repair closed does not hold the lines below its own.
                return "\n" not in tree.text[node.start : offset] or not tree.tainted(Span(node.start, node.start + 1))
            inner = next((c for c in _children(node) if c.start < offset <= c.end), None)
            if inner is None:
                break
            node = inner
    return False


# ---------------------------------------------------------------- block style
def _block_context(tree: Tree, index: LineIndex, number: int, line: _Line) -> CursorContext | None:
    rest = line.text[line.body :]
    if line.column < line.body and line.text.strip():
        # In front of the line's content: a new line would be written above; nothing to offer in place.
        if line.column > line.indent or line.dashes:
            return None
        if line.column < line.indent:
            return None
    match = _KEY_COLON.match(rest)
    if match is not None and line.body + match.end() <= line.column:
        return _block_value(tree, index, number, line, line.body + match.end())
    return _block_key(tree, index, number, line, match)


def _block_value(tree: Tree, index: LineIndex, number: int, line: _Line, colon: int) -> CursorContext | None:
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
    found = _find(tree, index, number, probe)
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
        Span(span.start, line.start + line.column),
        span,
        _column_of_keys(line),
        line.indent,
        quote=quote,
        needs_space=begin == colon,
        step=indent_step(tree.text),
        value=value.strip(),
    )


def _column_of_keys(line: _Line) -> int:
    return line.body


def _block_key(
    tree: Tree, index: LineIndex, number: int, line: _Line, match: re.Match[str] | None
) -> CursorContext | None:
    """A key, or a plain list item, or the place for one."""
    word_end = line.body + (match.end("key") if match else len(line.text[line.body :].split(" #")[0].rstrip()))
    if line.column > max(word_end, line.body) and line.text[line.body : line.column].strip():
        return None
    tail = line.text[line.body + match.end("key") :] if match else ": "
    blank = not line.text.strip()
    columns = _columns(tree, index, number, line.column) if blank else [line.indent]
    for column, dashed in _variants(columns, line, blank=blank):
        head = " " * column if blank else line.text[: line.body]
        if dashed:
            head += "- "
        elif line.dashes and not head.endswith(" "):
            head += " "
        found = _find(tree, index, number, f"{head}{MARK}{tail}", strict=True)
        if found is not None:
            return _key_context(tree, line, found, column, match, word_end, dashed=dashed, blank=blank)
    head = line.text[: line.body] if not blank else " " * line.column
    found = _find(tree, index, number, f"{head}{MARK}{tail}")
    if found is None:
        return None
    return _key_context(tree, line, found, line.indent, match, word_end, dashed=False, blank=blank)


def _variants(columns: list[int], line: _Line, *, blank: bool) -> Iterator[tuple[int, bool]]:
    for column in columns:
        yield column, False
        if blank or not line.dashes:
            yield column, True


def _columns(tree: Tree, index: LineIndex, number: int, wanted: int) -> list[int]:
    """Columns at which a line could start here, the one that fits the cursor's best first."""
    step = indent_step(tree.text)
    found: set[int] = set()
    limit: int | None = None
    for above in range(number - 1, -1, -1):
        text = index.line_text(above)
        body = text.lstrip(" ")
        if not body or body.startswith("#"):
            continue
        indent = len(text) - len(body)
        if body.startswith(("---", "...")) and indent == 0:
            break
        if limit is None and re.search(r":\s*(#.*)?$", text):
            found.add(_key_column(text, indent) + step)
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
    found = {c for c in found if c >= floor} or {floor}
    exact = sorted(found, key=lambda c: (c > wanted, abs(c - wanted)))
    return exact[:3]


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
    line: _Line,
    found: _Found,
    column: int,
    match: re.Match[str] | None,
    word_end: int,
    *,
    dashed: bool,
    blank: bool,
) -> CursorContext:
    document, path, _, mapping = found
    container = path[:-1]
    if blank:
        span = Span(line.start + min(column, line.column), line.start + line.column)
        if column == line.column or line.text[line.column :].strip():
            span = Span(line.start + line.column, line.start + line.column)
        if column < line.column or (column > line.column):
            # The line moves to the column where its keys belong.
            span = Span(line.start, line.start + line.column)
        prefix = span
    else:
        begin = line.start + line.body
        prefix = Span(begin, max(line.start + line.column, begin))
        span = Span(begin, max(line.start + word_end, prefix.end))
    keys = [k for pair in mapping.pairs if (k := key_text(pair.key)) is not None]
    at = keys.index(MARK) if MARK in keys else len(keys)
    indent = column + 2 if dashed else (column if blank else line.body)
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
        needs_space=bool(line.dashes) and not line.text[: line.body].endswith((" ", "\t")),
        step=indent_step(tree.text),
    )


# ---------------------------------------------------------------- flow style and JSON
def _flow_context(tree: Tree, index: LineIndex, number: int, line: _Line) -> CursorContext | None:
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
        found = _find(tree, index, number, attempt, strict=attempt is not attempts[-1])
        if found is not None:
            break
    else:
        return None
    document, path, is_key, mapping = found
    prefix = Span(line.start + begin, line.start + line.column)
    replace = Span(line.start + begin, line.start + end)
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
        )
    keys = [k for pair in mapping.pairs if (k := key_text(pair.key)) is not None]
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


# ---------------------------------------------------------------- the mark
class _Found(NamedTuple):
    document: Document
    path: DocPath
    is_key: bool
    mapping: Mapping


_NOTHING = Mapping(0, 0, (), flow=False, anchor=None, tag=None)


def _find(tree: Tree, index: LineIndex, number: int, probe: str, *, strict: bool = False) -> _Found | None:
    """Read the text with the probe line in place and look for the mark.

    ``strict``: only when nothing around the line stops the reading.
    """
    patched = PatchedLines(index, {**tree.patches, number: probe})
    built = build(patched.text)
    documents = built.documents
    if built.fault is not None:
        if strict and patched.line_of(built.fault.offset) <= number + 1:
            return None
        if not strict:
            documents = parse(patched.text).documents
    offset = patched.text.find(MARK)
    spot = spot_at(Tree(patched.text, documents, (), (), json=False), offset)
    if spot is None:
        return None
    document = documents[spot.place.document]
    holder = find(document, spot.place.path[:-1])
    mapping = deref(holder.node) if holder else None
    return _Found(
        document,
        spot.place.path,
        spot.place.part == "key",
        mapping if isinstance(mapping, Mapping) else _NOTHING,
    )

"""Operations on a document as edits of its text: comments, style and line ends outside the place stay."""

from __future__ import annotations

import re

from modelspec_ls.core.finding import (
    InsertPairs,
    MovePair,
    Operation,
    RemoveNth,
    RemovePair,
    RenameKey,
    ReplaceSpan,
    SetValue,
)
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.text import LineIndex, Span, TextEdit

from .lookup import find
from .nodes import Alias, Document, Mapping, Missing, Node, Pair, Sequence, Tree, key_text, span_of

_PLAIN_KEY = re.compile(r"[A-Za-z_][\w./-]*")


def resolve_operation(tree: Tree, index: LineIndex, operation: Operation) -> tuple[TextEdit, ...]:
    """The edits that carry out an operation; none where its place is no longer there."""
    match operation:
        case ReplaceSpan(span, new_text):
            return (TextEdit(span, new_text),)
        case SetValue(place, source):
            return _set_value(tree, tree.documents[place.document], place.path, source)
        case RenameKey(place, name):
            found = find(tree.documents[place.document], place.path)
            if found is None or found.pair is None:
                return ()
            quote = '"' if tree.json or tree.text[found.pair.key.start] == '"' else ""
            return (TextEdit(span_of(found.pair.key), f"{quote}{name}{quote}"),)
        case RemovePair(place):
            return _remove(tree, index, tree.documents[place.document], place.path, -1)
        case RemoveNth(place, nth):
            return _remove(tree, index, tree.documents[place.document], place.path, nth)
        case MovePair(place, target):
            return _move(tree, index, tree.documents[place.document], place.path, target)
        case InsertPairs(place, pairs):
            return _insert(tree, index, tree.documents[place.document], place.path, pairs)


def indent_step(text: str) -> int:
    """The document's indentation width in spaces: the first indented line's, 2 by default."""
    match = re.search(r":[ \t]*(?:#.*)?\r?\n( +)\S", text)
    return min(len(match[1]), 8) if match else 2


def line_end(text: str) -> str:
    """The text's line break."""
    return "\r\n" if "\r\n" in text else "\n"


def _set_value(tree: Tree, document: Document, path: DocPath, source: str) -> tuple[TextEdit, ...]:
    found = find(document, path)
    if found is None:
        return ()
    node = found.node
    if not isinstance(node, Missing):
        return (TextEdit(span_of(node), source),)
    before = tree.text[node.start - 1 : node.start]
    return (TextEdit(Span(node.start, node.start), source if before.isspace() else f" {source}"),)


def _parent(document: Document, path: DocPath) -> Node | None:
    found = find(document, path[:-1])
    return None if found is None else found.node


def _nth_pair(node: Mapping, key: str, nth: int) -> int | None:
    hits = [i for i, pair in enumerate(node.pairs) if key_text(pair.key) == key]
    return hits[nth] if hits and nth < len(hits) else None


def _remove(tree: Tree, index: LineIndex, document: Document, path: DocPath, nth: int) -> tuple[TextEdit, ...]:
    parent = _parent(document, path)
    name = path[-1] if path else None
    if isinstance(parent, Mapping) and isinstance(name, str):
        at = _nth_pair(parent, name, nth)
        spans = [pair.span for pair in parent.pairs]
    elif isinstance(parent, Sequence) and isinstance(name, int):
        at, spans = name, [span_of(item) for item in parent.items]
    else:
        return ()
    if at is None or not 0 <= at < len(spans):
        return ()
    if parent.flow:
        return (TextEdit(_flow_span(spans, at), ""),)
    if len(spans) == 1:
        # An empty block collection would become null; say that it is empty instead.
        return (TextEdit(Span(spans[at].start, spans[at].end), "{}" if isinstance(parent, Mapping) else "[]"),)
    return (TextEdit(_block_span(tree, index, parent, spans, at), ""),)


def _flow_span(spans: list[Span], at: int) -> Span:
    if at + 1 < len(spans):
        return Span(spans[at].start, spans[at + 1].start)
    return Span(spans[at - 1].end, spans[at].end) if at else spans[at]


def _block_span(tree: Tree, index: LineIndex, parent: Node, spans: list[Span], at: int) -> Span:
    """Whole lines, except for a first pair that shares its line with a dash."""
    start, end = spans[at]
    first = index.line_of(start)
    last = index.line_of(end)
    line_start = index.starts[first]
    head = tree.text[line_start:start]
    if head.strip() and isinstance(parent, Mapping) and at + 1 < len(spans):
        # ``- name: x`` followed by other pairs: the next pair takes its place after the dash.
        return Span(start, spans[at + 1].start)
    if head.strip() and not isinstance(parent, Sequence):
        return Span(start, end)
    stop = index.starts[last + 1] if last + 1 < index.line_count else len(tree.text)
    return Span(line_start, stop)


def _insert(
    tree: Tree, index: LineIndex, document: Document, path: DocPath, pairs: tuple[tuple[str, str], ...]
) -> tuple[TextEdit, ...]:
    found = find(document, path)
    if found is None or isinstance(found.node, Alias):
        return ()
    node = found.node
    step = indent_step(tree.text)
    eol = line_end(tree.text)
    if isinstance(node, Mapping) and node.pairs and not node.flow:
        first = node.pairs[0].key.start
        column = first - index.starts[index.line_of(first)]
        at = _after(tree, index, node.pairs[-1])
        lead = "" if at == index.starts[index.line_of(at)] and at > 0 else eol
        body = _render(pairs, column, step, eol)
        tail = "" if lead else eol
        return (TextEdit(Span(at, at), f"{lead}{body}{tail}"),)
    if isinstance(node, Mapping):
        inner = ", ".join(_flow_pair(tree, key, source) for key, source in pairs)
        if node.pairs:
            end = node.pairs[-1].span.end
            return (TextEdit(Span(end, end), f", {inner}"),)
        return (TextEdit(Span(node.start + 1, node.start + 1), inner),)
    if isinstance(node, Missing) and found.pair is not None:
        key = found.pair.key.start
        column = key - index.starts[index.line_of(key)] + step
        return (TextEdit(Span(node.start, node.start), eol + _render(pairs, column, step, eol)),)
    if isinstance(node, Missing):
        end = len(tree.text)
        lead = "" if not tree.text or tree.text.endswith(("\n", "\r")) else eol
        return (TextEdit(Span(end, end), lead + _render(pairs, 0, step, eol) + eol),)
    return ()


def _after(tree: Tree, index: LineIndex, pair: Pair) -> int:
    """The start of the line after a pair, or the text's end on the last line."""
    line = index.line_of(pair.span.end)
    return index.starts[line + 1] if line + 1 < index.line_count else len(tree.text)


def _render(pairs: tuple[tuple[str, str], ...], column: int, step: int, eol: str) -> str:
    """Pairs as block lines. Source lines after the first are indented by two per level; ``step`` rescales."""
    lines: list[str] = []
    for key, source in pairs:
        first, *rest = source.split("\n")
        lines.append(f"{' ' * column}{_key(key)}:{' ' if first else ''}{first}")
        for line in rest:
            body = line.lstrip(" ")
            level = (len(line) - len(body)) // 2
            lines.append(f"{' ' * (column + level * step)}{body}" if body else "")
    return eol.join(lines)


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _flow_pair(tree: Tree, key: str, source: str) -> str:
    if "\n" in source:
        return f'"{key}": {{}}' if tree.json else f"{_key(key)}: {{}}"
    if tree.json:
        bare = source if re.fullmatch(r"-?\d+(\.\d+)?|true|false|null", source) else f'"{source}"'
        return f'"{key}": {bare}'
    return f"{_key(key)}: {source}" if source else f'{_key(key)}: ""'


def _move(tree: Tree, index: LineIndex, document: Document, path: DocPath, target: DocPath) -> tuple[TextEdit, ...]:
    """Cut a block pair and insert it under the deepest mapping of the target that exists."""
    found = find(document, path)
    parent = _parent(document, path)
    if found is None or found.pair is None or not isinstance(parent, Mapping) or parent.flow or tree.json:
        return ()
    base = target[:-1]
    while base and find(document, base) is None:
        base = base[:-1]
    source = _source_of(tree, index, found.pair)
    for name in reversed(target[len(base) + 1 :]):
        head, *rest = source.split("\n")
        # The innermost pair is written below its new parents, one level deeper for each.
        source = "\n".join(["", f"  {name}:{' ' if head else ''}{head}", *(f"  {line}" for line in rest)])
    removal = _remove(tree, index, document, path, -1)
    if path[:-1] == base or not removal:
        return ()
    insertion = _insert(tree, index, document, base, ((str(target[len(base)]), source),))
    if not insertion or any(e.span.overlaps(removal[0].span) for e in insertion):
        return ()
    return (*removal, *insertion)


def _source_of(tree: Tree, index: LineIndex, pair: Pair) -> str:
    """The pair's value as source text with two spaces per level, comments included."""
    text = tree.text[pair.colon : pair.span.end].replace("\r\n", "\n")
    column = pair.key.start - index.starts[index.line_of(pair.key.start)]
    step = indent_step(tree.text)
    first, *rest = text.split("\n")
    out = [first.strip()]
    for line in rest:
        body = line.lstrip(" ")
        level = max(len(line) - len(body) - column, 0) / step
        out.append(f"{' ' * round(level * 2)}{body}" if body else "")
    return "\n".join(out)

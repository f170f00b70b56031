"""Operations on a document as edits of its text: comments, style and line ends outside the place stay."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence as Several
from functools import lru_cache
from typing import NamedTuple

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
from .nodes import Document, Mapping, Missing, Node, Pair, Scalar, Sequence, Tree, key_text, span_of
from .scalars import Date, resolve_plain, resolve_yaml11

_PLAIN_KEY = re.compile(r"[A-Za-z_][\w./-]*")
_JSON_WORD = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?|true|false|null")
_ANCHOR = re.compile(r"&([^\s,\[\]{}]+)")
_ALIAS = re.compile(r"\*[^\s,\[\]{}]*")
_COMMA = re.compile(r"\s*,[ \t]*")
_REFERENCE = re.compile(r"[&*][^\s,\[\]{}&*]")
_DOCUMENT_END = re.compile(r"^\.\.\.(?=\s|$)", re.MULTILINE)
_STEP = 2
"""Spaces per level in the source text that an operation carries."""


def resolve_operation(tree: Tree, index: LineIndex, operation: Operation) -> tuple[TextEdit, ...]:
    """The edits that carry out an operation; none where its place is no longer there."""
    if isinstance(operation, ReplaceSpan):
        return (TextEdit(operation.span, operation.new_text),)
    writer = _Writer(tree, index, tree.documents[operation.place.document])
    path = operation.place.path
    match operation:
        case SetValue(_, source):
            return writer.set_value(path, source)
        case RenameKey(_, name):
            return writer.rename(path, name)
        case RemovePair():
            return writer.remove(path)
        case RemoveNth(_, nth):
            return writer.remove(path, nth)
        case MovePair(_, target):
            return writer.move(path, target)
        case InsertPairs(_, pairs):
            return writer.insert(path, pairs)


_PLAIN_VALUE = re.compile(r"[A-Za-z0-9_./~][^\s#\"'&*!|>%@`,\[\]{}:]*(?:[:#][^\s#\"'&*!|>%@`,\[\]{}:]+)*")


def rewritten(node: Node, value: str, *, as_json: bool) -> str:
    """The source of a scalar with another value, in the node's own quotes where it has some.

    An alias is replaced by the value itself; a plain scalar stays plain where both versions of YAML read text in it.
    """
    style = node.style if isinstance(node, Scalar) else ""
    if as_json or style == '"':
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if style == "'":
        return "'" + value.replace("'", "''") + "'"
    return yaml_text(value)


def yaml_text(value: str) -> str:
    """The source of a text: plain where both versions of YAML read just that, else in double quotes."""
    plain = _PLAIN_VALUE.fullmatch(value) and resolve_plain(value) == value == resolve_yaml11(value)
    if plain and not isinstance(resolve_yaml11(value), Date):
        return value
    return json.dumps(value, ensure_ascii=False)


# One text has thousands of operations where all of its mistakes are mended at once.
@lru_cache(maxsize=2)
def indent_step(text: str) -> int:
    """The document's indentation width in spaces: the first indented line's, 2 by default."""
    match = re.search(r":[ \t]*(?:#.*)?\r?\n( +)\S", text)
    return min(len(match[1]), 8) if match else 2


@lru_cache(maxsize=2)
def line_end(text: str) -> str:
    """The text's line break."""
    return "\r\n" if "\r\n" in text else "\n"


class _Slot(NamedTuple):
    """Where new block lines go: at an offset, between ``lead`` and ``tail``, starting at a column."""

    at: int
    column: int
    lead: str
    tail: str


class _Writer:
    """Edits of one document of a text."""

    def __init__(self, tree: Tree, index: LineIndex, document: Document) -> None:
        self.tree = tree
        self.text = tree.text
        self.index = index
        self.document = document

    @property
    def step(self) -> int:
        return indent_step(self.text)

    @property
    def eol(self) -> str:
        return line_end(self.text)

    def node(self, path: DocPath) -> Node | None:
        found = find(self.document, path)
        return None if found is None else found.node

    def column(self, offset: int) -> int:
        """The column of an offset; a byte order mark takes none."""
        start = self.index.starts[self.index.line_of(offset)]
        return offset - start - self.text.startswith("\ufeff", start)

    def next_line(self, offset: int) -> int:
        """The start of the next line, or the text's end on the last one."""
        line = self.index.line_of(offset) + 1
        return self.index.starts[line] if line < self.index.line_count else len(self.text)

    def line_stop(self, offset: int) -> int:
        """The end of the line, before its break."""
        return self.index.line_span(self.index.line_of(offset)).end

    def owns_line(self, offset: int) -> bool:
        """Whether only blanks stand before the offset on its line."""
        start = self.index.starts[self.index.line_of(offset)]
        return not self.text[start:offset].strip(" \t\ufeff")

    # Values and keys

    def set_value(self, path: DocPath, source: str) -> tuple[TextEdit, ...]:
        node = self.node(path)
        if node is None:
            return ()
        if self.tree.json and source[:1] not in {'"', "[", "{"}:
            source = _flow_value(source, json=True)
        if not isinstance(node, Missing):
            return (TextEdit(span_of(node), source),)
        before, after = self.text[node.start - 1 : node.start], self.text[node.start : node.start + 1]
        lead = "" if before.isspace() else " "
        tail = " " if after == "#" else ""
        return (TextEdit(Span(node.start, node.start), f"{lead}{source}{tail}"),)

    def rename(self, path: DocPath, name: str) -> tuple[TextEdit, ...]:
        found = find(self.document, path)
        if found is None or found.pair is None:
            return ()
        key = found.pair.key
        quote = self.text[key.start] if self.text[key.start] in {'"', "'"} else '"' if self.tree.json else ""
        return (TextEdit(span_of(key), f"{quote}{name}{quote}"),)

    # Removal

    def remove(self, path: DocPath, nth: int = -1) -> tuple[TextEdit, ...]:
        parent = self.node(path[:-1]) if path else None
        name = path[-1] if path else None
        parts: Several[Pair | Node]
        if isinstance(parent, Mapping) and isinstance(name, str):
            at, parts = _nth_pair(parent, name, nth), parent.pairs
        elif isinstance(parent, Sequence) and isinstance(name, int):
            at, parts = name, parent.items
        else:
            return ()
        if at is None or not 0 <= at < len(parts):
            return ()
        own = _span(parts[at])
        if self.holds_anchor(own):
            return ()
        if parent.flow:
            return (TextEdit(self.flow_span(parts, at), ""),)
        if len(parts) == 1:
            # An empty block collection would become null; say that it is empty instead.
            empty = "{}" if isinstance(parent, Mapping) else "[]"
            owner = find(self.document, path[:-1])
            if owner and owner.pair and not self.text[owner.pair.colon : parent.start].strip():
                return (TextEdit(Span(owner.pair.colon, own.end), f" {empty}"),)
            if owner and owner.pair and self.column(parent.start) <= self.column(owner.pair.key.start):
                return ()  # Level with its key, where brackets may not stand.
            return (TextEdit(Span(parent.start, own.end), empty),)
        span = self.block_span(parts, at, "-" if isinstance(parent, Sequence) else "")
        return () if span is None else (TextEdit(span, ""),)

    def holds_anchor(self, span: Span) -> bool:
        """Whether something outside the span refers to an anchor inside it."""
        names = _ANCHOR.findall(self.text, *span)
        return any(
            word.endswith(f"*{name}") and not span.start < end <= span.end
            for name in names
            for end, word in _aliases(self.text).get(name.rpartition("*")[2], ())
        )

    def flow_span(self, parts: Several[Pair | Node], at: int) -> Span:
        start, end = _span(parts[at])
        comma = _COMMA.match(self.text, end)
        if at + 1 < len(parts):
            until = _span(parts[at + 1]).start
            # A comment on the way to the next pair stays.
            return Span(start, comma.end() if comma and "#" in self.text[end:until] else until)
        if not at:
            return Span(start, comma.end() if comma else end)
        before = _span(parts[at - 1]).end
        return Span(start if "#" in self.text[before:start] else before, end)

    def block_span(self, parts: Several[Pair | Node], at: int, mark: str) -> Span | None:
        """Whole lines, except for a first pair or item that shares its line with the dash around it."""
        start, end = _span(parts[at])
        line_start = self.index.starts[self.index.line_of(start)]
        line_start += self.text.startswith("\ufeff", line_start)
        head = self.text[line_start:start].strip()
        if head == mark:
            return Span(line_start, self.next_line(end))
        if head.strip("- ") or at + 1 == len(parts):
            return None
        # ``- name: x`` and more: the next pair takes its place behind the dash, unless a comment is in between.
        stop, until = self.line_stop(end), _span(parts[at + 1]).start
        if "#" in self.text[stop:until]:
            return Span(line_start + len(self.text[line_start:start].rstrip()), stop)
        return Span(start, until)

    # Insertion

    def insert(self, path: DocPath, pairs: tuple[tuple[str, str], ...]) -> tuple[TextEdit, ...]:
        found = find(self.document, path)
        if found is None:
            return ()
        node = found.node
        if self.in_flow(path) or (self.tree.json and path):
            return self.insert_flow(node, pairs)
        if isinstance(node, Mapping) and node.flow:
            return self.insert_flow(node, pairs)
        if self.tree.json:
            inner = ",\n".join(f"  {_flow_pair(pair, json=True)}" for pair in pairs)
            return (TextEdit(Span(len(self.text), len(self.text)), f"{{\n{inner}\n}}\n".replace("\n", self.eol)),)
        slot = self.slot(path)
        if slot is None:
            return ()
        body = self.eol.join(line for key, source in pairs for line in self.render(key, source, slot.column))
        return (TextEdit(Span(slot.at, slot.at), f"{slot.lead}{body}{slot.tail}"),)

    def in_flow(self, path: DocPath) -> bool:
        """Whether a collection around the place is in flow style."""
        above = (self.node(path[:n]) for n in range(len(path)))
        return any(isinstance(node, (Mapping, Sequence)) and node.flow for node in above)

    def slot(self, path: DocPath) -> _Slot | None:
        """Where block lines of the mapping at a path go: after its last pair, or below its empty key."""
        found = find(self.document, path)
        if found is None:
            return None
        node = found.node
        if isinstance(node, Mapping) and node.pairs and not node.flow:
            at = self.next_line(node.pairs[-1].span.end)
            fresh = at > 0 and self.text[at - 1] in "\r\n"
            return _Slot(at, self.column(node.pairs[0].key.start), "" if fresh else self.eol, self.eol if fresh else "")
        if not isinstance(node, Missing):
            return None
        if found.pair is not None:
            # Below the line, so that a comment behind the key stays there.
            at = self.line_stop(node.start)
            return _Slot(at, self.column(found.pair.key.start) + self.step, self.eol, "")
        if path:
            return _Slot(self.line_stop(node.start), self.column(node.start - 1) + _STEP, self.eol, "")
        end = _DOCUMENT_END.search(self.text, self.document.start, self.document.end)
        at = max(end.start() if end else self.document.end, len(self.text) and self.text.startswith("\ufeff"))
        fresh = at == 0 or self.text[at - 1] in "\r\n\ufeff"
        return _Slot(at, 0, "" if fresh else self.eol, self.eol)

    def render(self, key: str, source: str, column: int) -> list[str]:
        """A pair as block lines. Source lines after the first are indented by two per level."""
        first, *rest = source.split("\n")
        lines = [f"{' ' * column}{_key(key)}:{' ' if first else ''}{first}"]
        for line in rest:
            body = line.lstrip(" ")
            level = (len(line) - len(body)) // _STEP
            lines.append(f"{' ' * (column + level * self.step)}{body}" if body else "")
        return lines

    def insert_flow(self, node: Node, pairs: tuple[tuple[str, str], ...]) -> tuple[TextEdit, ...]:
        written = [_flow_pair(pair, json=self.tree.json) for pair in pairs]
        if isinstance(node, Missing) and not self.tree.json:
            before = self.text[node.start - 1 : node.start]
            lead = "" if before.isspace() else " "
            return (TextEdit(Span(node.start, node.start), f"{lead}{{{', '.join(written)}}}"),)
        if not isinstance(node, Mapping) or not node.flow:
            return ()
        if not node.pairs:
            return (TextEdit(Span(node.start + 1, node.start + 1), ", ".join(written)),)
        last = node.pairs[-1].span
        gap = " "
        if len(node.pairs) > 1 and self.owns_line(last.start):
            start = self.index.starts[self.index.line_of(last.start)]
            gap = self.eol + self.text[start : last.start]
        return (TextEdit(Span(last.end, last.end), "".join(f",{gap}{pair}" for pair in written)),)

    # Moving

    def move(self, path: DocPath, target: DocPath) -> tuple[TextEdit, ...]:
        """Cut a block pair and put it, as it is, under the deepest mapping of the target that exists."""
        found = find(self.document, path)
        parent = self.node(path[:-1])
        if found is None or found.pair is None or self.tree.json or self.in_flow(path):
            return ()
        name = key_text(found.pair.key)
        if not isinstance(parent, Mapping) or not any(found.pair is parent.pairs[i] for i in _numbers(parent, name)):
            return ()
        if _REFERENCE.search(self.text, *found.pair.span):
            return ()  # An alias must stay behind its anchor.
        base = target[:-1]
        while base and find(self.document, base) is None:
            base = base[:-1]
        if self.in_flow((*base, "")):
            return ()
        names = [str(name) for name in target[len(base) :]]
        if base == path[:-1]:
            # The new parents are written around the pair where it stands.
            start = found.pair.key.start
            lines = self.nested(found.pair, names, self.column(start))
            return (TextEdit(Span(start, self.line_stop(found.pair.span.end)), self.eol.join(lines).lstrip(" ")),)
        removal = self.remove(path)
        slot = self.slot(base)
        if not removal or slot is None:
            return ()
        start, end = removal[0].span
        if start < slot.at < end:
            return ()
        if slot.at == end == len(self.text) and self.text[start - 1 : start] in {"\r", "\n"}:
            slot = slot._replace(lead="")
        body = self.eol.join(self.nested(found.pair, names, slot.column))
        return (*removal, TextEdit(Span(slot.at, slot.at), f"{slot.lead}{body}{slot.tail}"))

    def nested(self, pair: Pair, names: list[str], column: int) -> list[str]:
        """The pair's lines below new parents; its own layout is only shifted, so that nothing in it changes."""
        lines = [f"{' ' * (column + self.step * i)}{name}:" for i, name in enumerate(names[:-1])]
        column += self.step * (len(names) - 1)
        shift = column - self.column(pair.key.start)
        text = self.text[pair.key.end : self.line_stop(pair.span.end)]
        first, *rest = re.split(r"\r\n|\r|\n", text)
        lines.append(f"{' ' * column}{_key(names[-1])}{first}")
        for line in rest:
            spaces = len(line) - len(line.lstrip(" "))
            lines.append(" " * max(spaces + shift, 0) + line[spaces:] if line.strip() else line)
        return lines


def _span(part: Pair | Node) -> Span:
    return part.span if isinstance(part, Pair) else span_of(part)


def _nth_pair(node: Mapping, key: str, nth: int) -> int | None:
    hits = _numbers(node, key)
    return hits[nth] if hits and nth < len(hits) else None


_last: tuple[Mapping, dict[str | None, list[int]]] | None = None


def _numbers(node: Mapping, key: str | None) -> Several[int]:
    """The numbers of the pairs with a key. The last mapping is kept: whoever asks once asks for many keys."""
    global _last  # noqa: PLW0603 - a cache of one entry, compared by identity
    if _last is None or _last[0] is not node:
        found: dict[str | None, list[int]] = {}
        for number, pair in enumerate(node.pairs):
            found.setdefault(key_text(pair.key), []).append(number)
        _last = (node, found)
    return _last[1].get(key, ())


@lru_cache(maxsize=1)
def _aliases(text: str) -> dict[str, list[tuple[int, str]]]:
    """What may refer to an anchor, by what stands behind the last star: where it ends, and all of it."""
    found: dict[str, list[tuple[int, str]]] = {}
    for word in _ALIAS.finditer(text):
        found.setdefault(word[0].rpartition("*")[2], []).append((word.end(), word[0]))
    return found


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _flow_pair(pair: tuple[str, str], *, json: bool) -> str:
    """A pair in flow style; a source of several lines holds ``key: value`` lines."""
    key, source = pair
    name = f'"{key}"' if json else _key(key)
    return f"{name}: {_flow_value(source, json=json)}"


def _flow_value(source: str, *, json: bool) -> str:
    if "\n" not in source:
        quoted = len(source) > 1 and source[0] == source[-1] == '"'
        return source if source and (quoted or not json or _JSON_WORD.fullmatch(source)) else f'"{source}"'
    pairs: list[tuple[str, str]] = []
    for line in source.split("\n")[1:]:
        body = line[_STEP:]
        if body.startswith(" ") and pairs:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]}\n{body}")
        else:
            key, _, value = body.partition(":")
            pairs.append((key, value.strip()))
    return "{" + ", ".join(_flow_pair(pair, json=json) for pair in pairs) + "}"

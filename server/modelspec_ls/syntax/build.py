"""Events to nodes. Stops at the first fault and closes what is open, so there is always a tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from .block import read_block
from .events import (
    HIDDEN_COLON,
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    YamlFault,
    events,
    hide_colons,
)
from .nodes import Alias, Document, Mapping, Missing, Node, Pair, Scalar, Sequence

DEPTH = "depth"
"""The context of the fault that says so."""

MAX_DEPTH = 100
"""Deepest nesting of collections that is read; deeper text is a fault, not a crash."""


_BLANK = frozenset(" \t\r\n")
# An anchor or a tag, with the blanks and comments that separate it from the content.
_PROPERTY = re.compile(r"(?:!<[^>\s]*>|[&!][^\s,\[\]{}]*)(?:\s+(?:#[^\r\n]*)?)*")


class Built(NamedTuple):
    """The documents read, and the fault that ended the reading (offsets in the parsed text)."""

    documents: tuple[Document, ...]
    fault: YamlFault | None


class Scanned(NamedTuple):
    """What a look at a text without building its tree tells: how many keys there are up to the fault."""

    keys: int
    fault: YamlFault | None


class _Frame:
    """A collection whose end has not been seen."""

    __slots__ = ("anchor", "children", "colon", "flow", "key", "mapping", "start", "tag")

    def __init__(self, event: Any, start: int, *, mapping: bool) -> None:
        self.mapping = mapping
        self.start = start
        self.flow = bool(event.flow_style)
        self.anchor: str | None = event.anchor
        self.tag: str | None = _tag(event)
        self.children: list[Any] = []
        self.key: Node | None = None
        self.colon = 0


def _tag(event: Any) -> str | None:
    tag = event.tag
    return None if tag is None else str(tag)


def build(text: str, mapper: Callable[[int], int] | None = None, starts: list[int] | None = None) -> Built:
    """Read the text. ``mapper`` turns offsets of this text into the ones the nodes shall carry.

    ``starts``: where the lines begin in what the nodes' offsets are of, if the caller knows.
    """
    if mapper is None and (documents := read_block(text, _read_part, starts)) is not None:
        return Built(documents, None)
    return build_from_events(text, mapper)


def build_from_events(text: str, mapper: Callable[[int], int] | None = None, depth: int = 0) -> Built:
    """The same by the parser alone. ``depth``: collections that the text stands in."""
    built = _Builder(text, mapper, depth).run()
    if _only_a_colon(built.fault):
        built = _Builder(hide_colons(text), mapper, depth).run()
    return built


def _read_part(part: str, offset: int, depth: int) -> tuple[Document, ...] | None:
    built = build_from_events(part, lambda at: at + offset, depth)
    return built.documents if built.fault is None else None


def scan(text: str) -> Scanned:
    """Count the keys that can be read. A third of the cost of ``build``."""
    scanned = _scan(text)
    return _scan(hide_colons(text)) if _only_a_colon(scanned.fault) else scanned


def _scan(text: str) -> Scanned:
    keys = 0
    # For each open collection: a mapping counts 0 before a key and 1 before a value, a sequence stays below.
    stack: list[int] = []
    fault: YamlFault | None = None
    try:
        for event in events(text):
            kind = type(event)
            if kind is ScalarEvent or kind is AliasEvent:
                pass
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if len(stack) >= MAX_DEPTH:
                    raise _too_deep(event.start_mark.index)
                stack.append(0 if kind is MappingStartEvent else -1)
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                stack.pop()
            else:
                continue
            if stack and stack[-1] >= 0:
                stack[-1] ^= 1
                keys += stack[-1]
    except YamlFault as error:
        fault = error.kept()
    return Scanned(keys, fault)


def _only_a_colon(fault: YamlFault | None) -> bool:
    return fault is not None and "unexpected ':'" in fault.problem


def _too_deep(start: int) -> YamlFault:
    return YamlFault(f"nested deeper than {MAX_DEPTH} levels", start, DEPTH, start)


class _Builder:
    def __init__(self, text: str, mapper: Callable[[int], int] | None, depth: int) -> None:
        self.text = text
        self.depth = depth
        self.map = mapper or (lambda offset: offset)
        self.stack: list[_Frame] = []
        self.anchors: dict[str, Node | None] = {}
        self.documents: list[Document] = []
        self.root: Node | None = None
        self.start = 0
        self.explicit = False
        self.open = False

    def run(self) -> Built:
        fault: YamlFault | None = None
        # One dictionary look-up per event: this loop runs for every event of every keystroke.
        handlers: dict[type, Callable[[Any], None]] = {
            ScalarEvent: self.scalar,
            MappingStartEvent: self.mapping_start,
            MappingEndEvent: self.collection_end,
            SequenceStartEvent: self.sequence_start,
            SequenceEndEvent: self.collection_end,
            AliasEvent: self.alias,
            DocumentStartEvent: self.document_start,
            DocumentEndEvent: self.document_end,
        }
        try:
            for event in events(self.text):
                handler = handlers.get(type(event))
                if handler is not None:
                    handler(event)
        except YamlFault as error:
            fault = error.kept()
            self.close()
        return Built(self.finish(), fault)

    def close(self) -> None:
        """End everything that is open, as a fault does."""
        while self.stack:
            frame = self.stack.pop()
            if frame.key is not None:
                self.pair(frame, Missing(frame.colon, frame.colon))
            self.add(self.collection(frame, None))
        if self.open:
            self.document_end(None)

    def finish(self) -> tuple[Document, ...]:
        documents = self.documents or [Document(0, 0, 0, Missing(0, 0), explicit=False)]
        ends = [d.start for d in documents[1:]] + [self.map(len(self.text))]
        return tuple(d._replace(end=end) for d, end in zip(documents, ends, strict=True))

    def document_start(self, event: Any) -> None:
        self.open = True
        self.explicit = bool(event.explicit)
        # The parsers differ in whether a directive above ``---`` belongs to it: it does not.
        at = event.end_mark.index - len("---") if self.explicit else event.start_mark.index
        self.start = self.map(at) if self.explicit or self.documents else 0
        self.anchors = {}
        self.root = None

    def document_end(self, _event: Any) -> None:
        root = self.root or Missing(self.start, self.start)
        self.documents.append(Document(len(self.documents), self.start, 0, root, self.explicit))
        self.open = False

    def add(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        frame = self.stack[-1]
        if not frame.mapping:
            frame.children.append(node)
        elif frame.key is None:
            frame.key = node
        else:
            self.pair(frame, node)

    def pair(self, frame: _Frame, value: Node) -> None:
        key = frame.key
        assert key is not None
        frame.children.append(Pair(key, value, frame.colon))
        frame.key = None

    def key_seen(self, end: int) -> None:
        """Remember where the colon after a key ends; ``end`` is in the parsed text."""
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.mapping and frame.key is None:
            text = self.text
            while text[end : end + 1] in {" ", "\t"}:
                end += 1
            frame.colon = self.map(end + 1 if text[end : end + 1] == ":" else end)

    def scalar(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        value, style, anchor, tag = event.value, event.style or "", event.anchor, _tag(event)
        if HIDDEN_COLON in value:
            value = value.replace(HIDDEN_COLON, ":")
        if not value and not style:
            return self.missing(start, end, anchor, tag)
        if anchor is not None or tag is not None:
            start = self.skip_properties(start)
        if style in {"|", ">"}:
            end = self.content_end(end)
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.mapping and frame.key is None:
            self.key_seen(end)
        node = Scalar(self.map(start), self.map(end), value, style, anchor, tag)
        if anchor is not None:
            self.anchors[anchor] = node
        self.add(node)
        return None

    def missing(self, start: int, end: int, anchor: str | None, tag: str | None) -> None:
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.mapping:
            if frame.key is None:
                self.key_seen(start)
                at = self.map(start)
            else:
                at = frame.colon if anchor is None and tag is None else self.map(end)
        else:
            # The parser puts an empty item at its dash's end, or at the next token: go back to the dash.
            at = self.map(self.content_end(start) if frame else start)
        node = Missing(at, at, anchor, tag)
        if anchor is not None:
            self.anchors[anchor] = node
        self.add(node)

    def content_end(self, at: int) -> int:
        """The offset after the last character before ``at`` that is not blank."""
        text = self.text
        while at > 0 and text[at - 1] in _BLANK:
            at -= 1
        return at

    def skip_properties(self, start: int) -> int:
        """The offset of the content after ``&anchor`` and ``!tag``."""
        text = self.text
        while (match := _PROPERTY.match(text, start)) is not None:
            start = match.end()
        return start

    def alias(self, event: Any) -> None:
        end = event.end_mark.index
        self.key_seen(end)
        # An anchor that is still open is an ancestor: such a document has no finite value.
        target = self.anchors.get(event.anchor)
        self.add(Alias(self.map(event.start_mark.index), self.map(end), event.anchor, target))

    def mapping_start(self, event: Any) -> None:
        self.start_collection(event, mapping=True)

    def sequence_start(self, event: Any) -> None:
        self.start_collection(event, mapping=False)

    def start_collection(self, event: Any, *, mapping: bool) -> None:
        start = event.start_mark.index
        if event.anchor is not None or event.tag is not None:
            start = self.skip_properties(start)
        if len(self.stack) + self.depth >= MAX_DEPTH:
            raise _too_deep(start)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.stack.append(_Frame(event, self.map(start), mapping=mapping))

    def collection_end(self, event: Any) -> None:
        frame = self.stack.pop()
        node = self.collection(frame, self.map(event.end_mark.index) if frame.flow else None)
        if frame.flow:
            self.key_seen(event.end_mark.index)
        elif self.stack and self.stack[-1].mapping and self.stack[-1].key is None:
            self.stack[-1].colon = node.end
        self.add(node)

    def collection(self, frame: _Frame, end: int | None) -> Node:
        children = tuple(frame.children)
        if end is None:
            last = children[-1] if children else None
            end = frame.start if last is None else last.span.end if isinstance(last, Pair) else last.end
        kind: type[Mapping | Sequence] = Mapping if frame.mapping else Sequence
        start = frame.start
        if children:
            # The first child may carry properties that were taken for the collection's.
            first = children[0]
            start = min(start, first.key.start if isinstance(first, Pair) else first.start)
        node = kind(start, max(end, start), children, frame.flow, frame.anchor, frame.tag)
        if frame.anchor is not None:
            self.anchors[frame.anchor] = node
        return node

"""The tree: immutable nodes with spans. They are tuples because a tree is rebuilt at every keystroke.

Compare nodes with ``is``: equality of tuples is deep.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from functools import lru_cache
from itertools import accumulate
from types import MappingProxyType
from typing import NamedTuple

from modelspec_ls.core.text import Span


@lru_cache(maxsize=2)
def _names_nothing(text: str) -> bool:
    """Asked about each of the documents of one text."""
    return "&" not in text and "%TAG" not in text


class Scalar(NamedTuple):
    """A scalar. ``style`` is ``""`` (plain), ``'``, ``"``, ``|`` or ``>``; ``value`` is the cooked text."""

    start: int
    end: int
    value: str
    style: str
    anchor: str | None
    tag: str | None


class Missing(NamedTuple):
    """The empty value of ``key:`` or ``-``: null, placed right after the indicator."""

    start: int
    end: int
    anchor: str | None = None
    tag: str | None = None


class Alias(NamedTuple):
    """``*name``. ``target`` is None when nothing above is called so, or for a node's own ancestor."""

    start: int
    end: int
    name: str
    target: Node | None


class Pair(NamedTuple):
    """A key and its value. ``colon`` is the offset after the colon, or the key's end without one."""

    key: Node
    value: Node
    colon: int

    @property
    def span(self) -> Span:
        """From the key's start to the value's end."""
        return Span(self.key.start, max(self.value.end, self.colon))


class Mapping(NamedTuple):
    """A mapping, in block or flow style."""

    start: int
    end: int
    pairs: tuple[Pair, ...]
    flow: bool
    anchor: str | None
    tag: str | None


class Sequence(NamedTuple):
    """A sequence, in block or flow style. A block sequence starts at its first dash."""

    start: int
    end: int
    items: tuple[Node, ...]
    flow: bool
    anchor: str | None
    tag: str | None


Node = Scalar | Missing | Alias | Mapping | Sequence


def span_of(node: Node) -> Span:
    """The node's span as one value."""
    return Span(node.start, node.end)


def deref(node: Node) -> Node:
    """The node an alias stands for; an alias that leads nowhere counts as missing."""
    while isinstance(node, Alias):
        if node.target is None:
            return Missing(node.start, node.end)
        node = node.target
    return node


def key_text(node: Node) -> str | None:
    """The key as a string, or None for a collection used as a key."""
    node = deref(node)
    if isinstance(node, Scalar):
        return node.value
    return "" if isinstance(node, Missing) else None


class Document(NamedTuple):
    """One document of a stream, numbered from 0. ``start`` and ``end`` include its markers and leading comments."""

    number: int
    start: int
    end: int
    root: Node
    explicit: bool


class Repair(NamedTuple):
    """A line that was changed so that the rest could be read.

    ``dropped``: its content was blanked. ``kept``: the text is read as it stands, and only must not be judged.
    """

    span: Span
    dropped: bool
    kept: bool = False


class SyntaxProblem(NamedTuple):
    """Why the text does not parse. ``fix`` replaces ``fix_span`` by ``fix_text``.

    ``safe``: only one meaning is possible, so the fix may be applied without a look.
    """

    span: Span
    message: str
    fix_title: str = ""
    fix_span: Span = Span(0, 0)
    fix_text: str = ""
    template: bool = False
    safe: bool = False


class Spans(NamedTuple):
    """Spans by their starts, with the furthest end up to each: one bisection tells whether one is met."""

    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    @classmethod
    def of(cls, spans: Iterable[Span]) -> Spans:
        """Sort the spans."""
        ordered = sorted(spans)
        return cls(tuple(s.start for s in ordered), tuple(accumulate((s.end for s in ordered), max)))

    def furthest(self, start: int) -> int:
        """The furthest end of the spans that start at or before an offset; -1 without one."""
        at = bisect_right(self.starts, start)
        return self.ends[at - 1] if at else -1


class Taint(NamedTuple):
    """Where repairs are, made to be asked for every finding."""

    solid: Spans = Spans()
    empty: Spans = Spans()
    lost: Spans = Spans()

    @classmethod
    def of(cls, repairs: Iterable[Repair]) -> Taint:
        """Sort the repairs."""
        repairs = tuple(repairs)
        spans = [r.span for r in repairs]
        return cls(
            Spans.of(s for s in spans if s.start < s.end),
            Spans.of(s for s in spans if s.start == s.end),
            Spans.of(r.span for r in repairs if r.dropped),
        )


NO_TAINT = Taint()
NO_PATCHES: MappingType[int, str] = MappingProxyType({})


class Tree(NamedTuple):
    """A parsed text: always there, whatever the text holds."""

    text: str
    documents: tuple[Document, ...]
    problems: tuple[SyntaxProblem, ...]
    repairs: tuple[Repair, ...]
    json: bool
    patches: MappingType[int, str] = NO_PATCHES
    """Lines by number as they were read where that is not as they stand."""
    taint: Taint = NO_TAINT
    """The repairs by place."""

    @property
    def changes(self) -> tuple[Repair, ...]:
        """The repairs by which something else is read than stands there."""
        return tuple(repair for repair in self.repairs if not repair.kept)

    @property
    def literal(self) -> bool:
        """Whether a part of the text says by itself what it means: nothing was repaired or is named elsewhere."""
        return not self.repairs and not self.patches and _names_nothing(self.text)

    def tainted(self, span: Span) -> bool:
        """Whether the span touches a repaired line: what stands there is our reading, not the author's."""
        solid, empty, _ = self.taint
        if empty.furthest(span.end) >= span.start:
            return True
        if span.start == span.end:
            return solid.furthest(span.end) >= span.start
        return solid.furthest(span.end - 1) > span.start

    def lost_in(self, span: Span) -> bool:
        """Whether text was dropped inside or at the edge of the span: a key may be missing for that."""
        return self.taint.lost.furthest(span.end) >= span.start

"""From a path to its node and span, and from an offset to its path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from modelspec_ls.core.finding import Part, Place, Where
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.text import Span

from .nodes import (
    Alias,
    Document,
    Mapping,
    Missing,
    Node,
    Pair,
    Scalar,
    Sequence,
    Tree,
    deref,
    key_text,
    span_of,
)

MERGE = "<<"


_LARGE = 64
_last_large: tuple[Mapping, dict[str | None, Pair]] | None = None


def _by_key(mapping: Mapping) -> dict[str | None, Pair]:
    """The pairs of a large mapping by key. The last one is kept: whoever asks once asks for many keys."""
    global _last_large  # noqa: PLW0603 - a cache of one entry, compared by identity
    if _last_large is None or _last_large[0] is not mapping:
        _last_large = (mapping, {key_text(p.key): p for p in mapping.pairs if not is_merge(p)})
    return _last_large[1]


def child(mapping: Mapping, key: str) -> Pair | None:
    """The pair that holds a key: the last of duplicates, else one that comes in by a merge key."""
    if len(mapping.pairs) > _LARGE:
        found = _by_key(mapping).get(key)
        return found if found is not None else _merged(mapping, key)
    merges = False
    for pair in reversed(mapping.pairs):
        own = pair.key
        text = own.value if type(own) is Scalar else key_text(own)
        if text == key and not (text == MERGE and is_merge(pair)):
            return pair
        merges = merges or text == MERGE
    return _merged(mapping, key) if merges else None


def _merged(mapping: Mapping, key: str) -> Pair | None:
    for pair in mapping.pairs:
        if is_merge(pair):
            for source in merge_sources(pair):
                found = child(source, key)
                if found is not None:
                    return found
    return None


def pairs_of(node: Node) -> dict[str, Pair]:
    """What ``child`` finds in a mapping, for every key; nothing where there is no mapping."""
    node = deref(node)
    if not isinstance(node, Mapping):
        return {}
    out: dict[str, Pair] = {}
    merges: list[Pair] = []
    for pair in node.pairs:
        own = pair.key
        name = own.value if type(own) is Scalar else key_text(own)
        if name == MERGE and is_merge(pair):
            merges.append(pair)
        elif name is not None:
            out[name] = pair
    for merge in merges:
        for source in merge_sources(merge):
            for name, pair in pairs_of(source).items():
                out.setdefault(name, pair)
    return out


def is_merge(pair: Pair) -> bool:
    """Whether the pair is a merge key ``<<: *anchor``."""
    key = pair.key
    return isinstance(key, Scalar) and key.value == MERGE and not key.style


def merge_sources(pair: Pair) -> Iterator[Mapping]:
    """The mappings that a merge key brings in, strongest first."""
    value = deref(pair.value)
    nodes = value.items if isinstance(value, Sequence) else (value,)
    for node in nodes:
        target = deref(node)
        if isinstance(target, Mapping):
            yield target


class Found(NamedTuple):
    """A node with the pair that holds it (None for the root and for items)."""

    node: Node
    pair: Pair | None


def find(document: Document, path: DocPath) -> Found | None:
    """The node at a path, aliases and merge keys followed; None where the path leads nowhere."""
    found: Found | None = Found(document.root, None)
    for part in path:
        if found is None:
            return None
        found = step(found.node, part)
    return found


def step(node: Node, part: str | int) -> Found | None:
    """The node one part of a path further, aliases and merge keys followed."""
    node = deref(node)
    if isinstance(part, str):
        pair = child(node, part) if isinstance(node, Mapping) else None
        return Found(pair.value, pair) if pair is not None else None
    if isinstance(node, Sequence) and 0 <= part < len(node.items):
        return Found(node.items[part], None)
    return None


def locate(tree: Tree, where: Where, look: Callable[[DocPath], Found | None] | None = None) -> Span:
    """The span of a place. A path that leads nowhere falls back to its nearest ancestor's key.

    ``look``: finds the node at a path of the document, for a caller who has a quicker way than ``find``.
    """
    if isinstance(where, Span):
        return where
    document = tree.documents[where.document]
    look = look or partial(find, document)
    path = where.path
    found = look(path)
    part: Part = where.part
    while found is None and path:
        path = path[:-1]
        found = look(path)
        part = "key"
    assert found is not None
    return part_span(tree, document, found, part)


def part_span(tree: Tree, document: Document, found: Found, part: Part) -> Span:
    """The span of a part of a node."""
    node, pair = found
    if pair is None and not isinstance(node, (Scalar, Alias)):
        return _opening(tree, document, node)
    if pair is None:
        return span_of(node)
    if part == "pair":
        return pair.span
    if part == "key" or isinstance(node, Missing):
        return span_of(pair.key)
    if isinstance(node, (Mapping, Sequence)) and not node.flow:
        # A whole block is never underlined: its key stands for it.
        return span_of(pair.key)
    return _first_line(tree.text, span_of(node))


def _opening(tree: Tree, document: Document, node: Node) -> Span:
    """For a root or an item that is a collection: its first key, so that not all of it is underlined."""
    if isinstance(node, Mapping) and node.pairs and not node.flow:
        return span_of(node.pairs[0].key)
    if isinstance(node, Missing):
        start = min(document.start, len(tree.text)) if not node.start else node.start
        line_end = tree.text.find("\n", start)
        end = line_end if line_end >= 0 else len(tree.text)
        if tree.text[start:end].strip() and document.explicit:
            return Span(start, start + len(tree.text[start:end].rstrip()))
        return Span(start, start)
    return _first_line(tree.text, span_of(node))


def _first_line(text: str, span: Span) -> Span:
    newline = text.find("\n", span.start, span.end)
    return span if newline < 0 else Span(span.start, newline - (text[newline - 1] == "\r"))


class Spot(NamedTuple):
    """What stands at an offset: the path, whether the key or the value is meant, and its span."""

    place: Place
    span: Span
    node: Node


def document_at(tree: Tree, offset: int) -> Document:
    """The document of the stream that an offset belongs to."""
    for document in reversed(tree.documents):
        if offset >= document.start:
            return document
    return tree.documents[0]


def spot_at(tree: Tree, offset: int) -> Spot | None:
    """The key or scalar at an offset, both edges included; None on punctuation, comments and blanks."""
    document = document_at(tree, offset)
    path: DocPath = ()
    node: Node = document.root
    while True:
        if isinstance(node, Mapping):
            hit = _pair_at(node, offset)
            if hit is None:
                return None
            key = key_text(hit.key)
            if key is None:
                return None
            path = (*path, key)
            if span_of(hit.key).contains(offset):
                return Spot(Place(document.number, path, "key"), span_of(hit.key), hit.value)
            node = hit.value
        elif isinstance(node, Sequence):
            at = next((i for i, item in enumerate(node.items) if span_of(item).contains(offset)), None)
            if at is None:
                return None
            path = (*path, at)
            node = node.items[at]
        elif isinstance(node, Missing) or not span_of(node).contains(offset):
            return None
        else:
            return Spot(Place(document.number, path, "value"), span_of(node), node)


def _pair_at(mapping: Mapping, offset: int) -> Pair | None:
    """The pair whose span holds the offset, by bisection: pairs stand in order."""
    pairs = mapping.pairs
    low, high = 0, len(pairs)
    while low < high:
        middle = (low + high) // 2
        if pairs[middle].key.start <= offset:
            low = middle + 1
        else:
            high = middle
    if not low:
        return None
    pair = pairs[low - 1]
    return pair if offset <= pair.span.end else None


def walk(document: Document) -> Iterator[tuple[DocPath, Node, Pair | None]]:
    """Every node with its path, in text order. Aliases are yielded, not followed."""
    stack: list[tuple[DocPath, Node, Pair | None]] = [((), document.root, None)]
    while stack:
        path, node, pair = stack.pop()
        yield path, node, pair
        if isinstance(node, Mapping):
            stack.extend(
                ((*path, key), p.value, p) for p in reversed(node.pairs) if (key := key_text(p.key)) is not None
            )
        elif isinstance(node, Sequence):
            stack.extend(((*path, i), item, None) for i, item in reversed(list(enumerate(node.items))))


def scalars(document: Document, wanted: Callable[[Scalar], object]) -> list[tuple[DocPath, Scalar]]:
    """The scalars below names and in lists that are wanted, in text order. Paths are made only for them."""
    found: list[tuple[DocPath, Scalar]] = []
    _collect(document.root, wanted, [], found)
    return found


def _collect(
    node: Node, wanted: Callable[[Scalar], object], trail: list[str | int], found: list[tuple[DocPath, Scalar]]
) -> None:
    if isinstance(node, Scalar):
        if wanted(node):
            found.append((tuple(trail), node))
    elif isinstance(node, Mapping):
        for key, value, _ in node.pairs:
            name = key.value if type(key) is Scalar else key_text(key)
            if name is not None:
                trail.append(name)
                _collect(value, wanted, trail, found)
                trail.pop()
    elif isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            trail.append(number)
            _collect(item, wanted, trail, found)
            trail.pop()

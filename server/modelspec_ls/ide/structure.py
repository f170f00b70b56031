"""Folding, selection ranges and highlights: what belongs together in the text."""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.text import LineIndex, Span
from modelspec_ls.syntax.lookup import document_at, walk
from modelspec_ls.syntax.nodes import Alias, Mapping, Missing, Node, Scalar, Sequence, deref, key_text, span_of
from modelspec_ls.workspace.snapshot import Snapshot

from .results import Fold


def folds(snapshot: Snapshot, uri: str) -> tuple[Fold, ...]:
    """Sections, lists, list items, block scalars, runs of comments and documents of a stream."""
    document = snapshot.document(uri)
    if document is None:
        return ()
    tree, index = document.tree, document.index
    found: set[tuple[int, int, bool]] = set()
    for part in tree.documents:
        if part.explicit and len(tree.documents) > 1 and not isinstance(part.root, Missing):
            found.add((index.line_of(part.start), index.line_of(part.root.end), False))
        for _, node, pair in walk(part):
            if isinstance(node, (Missing, Alias)):
                continue
            start = pair.key.start if pair else node.start
            found.add((index.line_of(start), index.line_of(max(node.end - 1, start)), False))
    found.update((a, b, True) for a, b in _comment_runs(index))
    return tuple(Fold(a, b, c) for a, b, c in sorted(found) if b > a)


def _comment_runs(index: LineIndex) -> Iterator[tuple[int, int]]:
    first: int | None = None
    for line in range(index.line_count + 1):
        comment = line < index.line_count and index.line_text(line).lstrip().startswith("#")
        if comment and first is None:
            first = line
        elif not comment and first is not None:
            yield first, line - 1
            first = None


def selection(snapshot: Snapshot, uri: str, offset: int) -> tuple[Span, ...]:
    """Ever larger ranges around an offset: scalar, pair, collection, …, document."""
    document = snapshot.document(uri)
    if document is None:
        return ()
    part = document_at(document.tree, offset)
    out: list[Span] = [Span(0, len(document.text))]

    def add(span: Span) -> None:
        if out[-1] != span and out[-1].start <= span.start <= offset <= span.end <= out[-1].end:
            out.append(span)

    add(Span(part.start, part.end))
    node: Node = part.root
    while True:
        add(span_of(node))
        if isinstance(node, Mapping):
            pair = next((p for p in node.pairs if p.span.contains(offset)), None)
            if pair is None:
                break
            add(pair.span)
            if span_of(pair.key).contains(offset):
                add(span_of(pair.key))
                break
            node = pair.value
        elif isinstance(node, Sequence):
            item = next((i for i in node.items if span_of(i).contains(offset)), None)
            if item is None:
                break
            node = item
        else:
            if isinstance(node, Scalar) and node.style in {"'", '"'}:
                add(Span(node.start + 1, node.end - 1))
            break
    return tuple(reversed(out))


def highlights(snapshot: Snapshot, uri: str, offset: int) -> tuple[Span, ...]:
    """Every place with the same anchor, value or key as the one at the offset."""
    document = snapshot.document(uri)
    if document is None:
        return ()
    part = document_at(document.tree, offset)
    target: tuple[str, str] | None = None
    places: list[tuple[tuple[str, str], Span]] = []
    for _, node, pair in walk(part):
        if pair is not None and (name := key_text(pair.key)):
            places.append((("key", name), span_of(pair.key)))
        if isinstance(node, Alias):
            places.append((("anchor", node.name), span_of(node)))
        elif isinstance(node, Scalar) and len(node.value) > 1:
            places.append((("value", node.value), span_of(node)))
        anchor = getattr(deref(node), "anchor", None)
        if anchor and not isinstance(node, Alias):
            at = document.text.rfind(f"&{anchor}", part.start, node.start)
            if at >= 0:
                places.append((("anchor", anchor), Span(at, at + len(anchor) + 1)))
    for identity, span in places:
        if span.contains(offset):
            target = identity
    return tuple(span for identity, span in places if identity == target) if target else ()

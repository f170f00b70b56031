"""The outline: every key with its value in short, list items under the name they give themselves."""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.text import Span
from modelspec_ls.core.words import plural, shorten
from modelspec_ls.syntax.nodes import Alias, Mapping, Missing, Node, Scalar, Sequence, deref, key_text, span_of
from modelspec_ls.syntax.scalars import resolve
from modelspec_ls.workspace.snapshot import Snapshot

from .results import Symbol, SymbolKind

MAX_SYMBOLS = 5000
"""Most entries of one outline; a larger document shows its first ones."""
_NAMES = ("name", "id")


def document_symbols(snapshot: Snapshot, uri: str) -> tuple[Symbol, ...]:
    """The outline of a document; in a stream each document is an entry of its own."""
    document = snapshot.document(uri)
    if document is None or not (document.ours or document.linked):
        return ()
    budget = _Budget(MAX_SYMBOLS)
    parts = [d for d in document.tree.documents if not isinstance(d.root, Missing)]
    if len(parts) == 1:
        return tuple(_children(parts[0].root, budget))
    out: list[Symbol] = []
    for part in parts:
        name = _title(part.root) or f"document {part.number + 1}"
        span = span_of(part.root)
        out.append(
            Symbol(name, "", "document", span, Span(span.start, span.start), tuple(_children(part.root, budget)))
        )
    return tuple(out)


class _Budget:
    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self) -> bool:
        self.left -= 1
        return self.left >= 0


def _title(root: Node) -> str:
    root = deref(root)
    if isinstance(root, Mapping):
        for pair in root.pairs:
            if key_text(pair.key) == "metadata":
                return _own_name(deref(pair.value))
    return ""


def _own_name(node: Node) -> str:
    if isinstance(node, Mapping):
        for wanted in _NAMES:
            for pair in node.pairs:
                value = deref(pair.value)
                if key_text(pair.key) == wanted and isinstance(value, Scalar):
                    return shorten(value.value, 40)
    return ""


def _children(node: Node, budget: _Budget) -> Iterator[Symbol]:
    if isinstance(node, Mapping):
        for pair in node.pairs:
            if not budget.spend():
                return
            name = key_text(pair.key)
            yield Symbol(
                name or "(empty key)", _detail(pair.value), _kind(pair.value), pair.span, span_of(pair.key),
                tuple(_children(pair.value, budget)),
            )  # fmt: skip
    elif isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            if not budget.spend():
                return
            span = span_of(item)
            name = _own_name(deref(item)) or (
                _detail(item) if isinstance(deref(item), Scalar) else f"item {number + 1}"
            )
            yield Symbol(
                name or f"item {number + 1}", "", "item", span, Span(span.start, span.start),
                tuple(_children(item, budget)),
            )  # fmt: skip


def _detail(node: Node) -> str:
    if isinstance(node, Alias):
        return f"*{node.name}"
    if isinstance(node, Scalar):
        return shorten(node.value, 60)
    if isinstance(node, Sequence):
        return plural(len(node.items), "item")
    return _own_name(node)


def _kind(node: Node) -> SymbolKind:
    node = deref(node)
    if isinstance(node, Mapping):
        return "section"
    if isinstance(node, Sequence):
        return "list"
    value = resolve(node) if isinstance(node, (Scalar, Missing)) else None
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, (int, float)) else "text"

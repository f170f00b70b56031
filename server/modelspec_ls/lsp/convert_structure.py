"""Outline, folds, selections and links to protocol values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lsprotocol import types

from modelspec_ls.core.text import Encoding, Span
from modelspec_ls.ide.results import Fold, Link, Symbol, SymbolKind
from modelspec_ls.workspace.document import Document

from . import convert
from .capabilities import ClientFeatures
from .messages import Plain

_KINDS: dict[SymbolKind, types.SymbolKind] = {
    "section": types.SymbolKind.Module,
    "list": types.SymbolKind.Array,
    "item": types.SymbolKind.Object,
    "text": types.SymbolKind.String,
    "number": types.SymbolKind.Number,
    "boolean": types.SymbolKind.Boolean,
    "null": types.SymbolKind.Null,
    "document": types.SymbolKind.File,
}


_NUMBERS = {kind: int(known) for kind, known in _KINDS.items()}


def symbols(
    document: Document, found: tuple[Symbol, ...], client: ClientFeatures
) -> Plain | list[types.SymbolInformation]:
    """The outline as a tree, or as a flat list for a client that knows no trees."""
    if client.hierarchical_symbols:
        return Plain([_symbol(document, item, client.encoding) for item in found])
    return list(_flat(document, found, "", client))


def _symbol(document: Document, item: Symbol, encoding: Encoding) -> dict[str, Any]:
    """A ``DocumentSymbol``; a long text has ten thousand."""
    out: dict[str, Any] = {
        "name": item.name,
        "kind": _NUMBERS[item.kind],
        "range": _range(document, item.span, encoding),
        "selectionRange": _range(document, item.selection, encoding),
    }
    if item.detail:
        out["detail"] = item.detail
    if item.children:
        out["children"] = [_symbol(document, child, encoding) for child in item.children]
    return out


def _range(document: Document, where: Span, encoding: Encoding) -> dict[str, Any]:
    (line, character), end = (document.index.position(at, encoding) for at in where)
    return {
        "start": {"line": line, "character": character},
        "end": {"line": end.line, "character": end.character},
    }


def _flat(
    document: Document, found: tuple[Symbol, ...], container: str, client: ClientFeatures
) -> Iterator[types.SymbolInformation]:
    for item in found:
        location = types.Location(document.uri, convert.range_of(document, item.span, client))
        yield types.SymbolInformation(location, item.name, _KINDS[item.kind], container_name=container or None)
        yield from _flat(document, item.children, item.name, client)


def folds(found: tuple[Fold, ...]) -> list[types.FoldingRange]:
    """Whole lines fold alike in every client."""
    return [
        types.FoldingRange(f.start_line, f.end_line, kind=types.FoldingRangeKind.Comment if f.comment else None)
        for f in found
    ]


def selection(document: Document, spans: tuple[Span, ...], client: ClientFeatures) -> types.SelectionRange:
    """The innermost range with its parents."""
    found: types.SelectionRange | None = None
    for span in reversed(spans):
        found = types.SelectionRange(convert.range_of(document, span, client), found)
    if found is None:
        start = types.Position(0, 0)
        found = types.SelectionRange(types.Range(start, start))
    return found


def link(document: Document, item: Link, client: ClientFeatures) -> types.DocumentLink:
    """One link with its target; nothing is left to resolve."""
    tooltip = item.tooltip if item.tooltip and client.link_tooltips else None
    return types.DocumentLink(convert.range_of(document, item.span, client), target=item.target, tooltip=tooltip)

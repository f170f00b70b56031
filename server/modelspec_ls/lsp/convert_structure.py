"""Outline, folds, selections and links to protocol values."""

from __future__ import annotations

from collections.abc import Iterator
from json.encoder import encode_basestring_ascii as _quoted

from lsprotocol import types

from modelspec_ls.core.text import Encoding, LineIndex, Position, Span
from modelspec_ls.ide.results import Fold, Link, Symbol, SymbolKind
from modelspec_ls.workspace.document import Document

from . import convert
from .capabilities import ClientFeatures
from .messages import Written

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
) -> Written | list[types.SymbolInformation]:
    """The outline as a tree, or as a flat list for a client that knows no trees."""
    if client.hierarchical_symbols:
        return Written(_written(document.index, found, client.encoding))
    return list(_flat(document, found, "", client))


def _written(index: LineIndex, found: tuple[Symbol, ...], encoding: Encoding) -> str:
    """``DocumentSymbol``s as JSON; a long text has thousands, at every keystroke that somebody pauses after."""
    out: list[str] = []
    for item in found:
        (start, end), (first, last) = item.span, item.selection
        begin = index.position(start, encoding)
        chosen = begin if first == start else index.position(first, encoding)
        whole = _range(begin, index.position(end, encoding))
        selection = _range(chosen, chosen if last == first else index.position(last, encoding))
        detail = f',"detail":{_quoted(item.detail)}' if item.detail else ""
        children = f',"children":{_written(index, item.children, encoding)}' if item.children else ""
        out.append(
            f'{{"name":{_quoted(item.name)},"kind":{_NUMBERS[item.kind]},"range":{whole},'
            f'"selectionRange":{selection}{detail}{children}}}'
        )
    return f"[{','.join(out)}]"


def _range(start: Position, end: Position) -> str:
    return f'{{"start":{{"line":{start[0]},"character":{start[1]}}},"end":{{"line":{end[0]},"character":{end[1]}}}}}'


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

"""Outline, folding, selection ranges, highlights and links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from modelspec_ls.ide.links import document_links
from modelspec_ls.ide.structure import folds, highlights, selection
from modelspec_ls.ide.symbols import document_symbols
from modelspec_ls.lsp import convert, convert_structure
from modelspec_ls.lsp.messages import Written

if TYPE_CHECKING:
    from modelspec_ls.lsp.server import ModelSpecServer


def symbols(
    server: ModelSpecServer, params: types.DocumentSymbolParams
) -> Written | list[types.SymbolInformation] | None:
    """The outline."""
    snapshot, client = server.session.snapshot, server.session.client
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    return convert_structure.symbols(document, document_symbols(snapshot, document.uri), client)


def folding(server: ModelSpecServer, params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
    """Ranges to fold."""
    return convert_structure.folds(folds(server.session.snapshot, params.text_document.uri))


def selections(server: ModelSpecServer, params: types.SelectionRangeParams) -> list[types.SelectionRange] | None:
    """Ever larger ranges around each position."""
    snapshot, client = server.session.snapshot, server.session.client
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    out: list[types.SelectionRange] = []
    for position in params.positions:
        offset = convert.offset(document, position, client)
        out.append(convert_structure.selection(document, selection(snapshot, document.uri, offset), client))
    return out


def highlight(server: ModelSpecServer, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight] | None:
    """The same thing elsewhere in the document."""
    snapshot, client = server.session.snapshot, server.session.client
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    offset = convert.offset(document, params.position, client)
    found = highlights(snapshot, document.uri, offset)
    return [types.DocumentHighlight(convert.range_of(document, span, client)) for span in found]


def links(server: ModelSpecServer, params: types.DocumentLinkParams) -> list[types.DocumentLink] | None:
    """What values lead to."""
    snapshot, client = server.session.snapshot, server.session.client
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    return [convert_structure.link(document, item, client) for item in document_links(snapshot, document.uri)]

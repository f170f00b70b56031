"""Hover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelspec_ls.ide import hover as ide
from modelspec_ls.lsp import convert

if TYPE_CHECKING:
    from lsprotocol import types

    from modelspec_ls.lsp.server import ModelSpecServer


def hover(server: ModelSpecServer, params: types.HoverParams) -> types.Hover | None:
    """What there is to say about a position."""
    snapshot, client = server.session.snapshot, server.session.client
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    offset = convert.offset(document, params.position, client)
    return convert.hover(document, ide.hover(snapshot, document.uri, offset), client)

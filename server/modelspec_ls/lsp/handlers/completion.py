"""Completion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelspec_ls.ide.completion import complete
from modelspec_ls.lsp import convert
from modelspec_ls.lsp.convert_completion import completions

if TYPE_CHECKING:
    from lsprotocol import types

    from modelspec_ls.lsp.server import ModelSpecServer


def completion(server: ModelSpecServer, params: types.CompletionParams) -> types.CompletionList | None:
    """Offers at a position."""
    snapshot, client = server.session.snapshot, server.session.client
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    offset = convert.offset(document, params.position, client)
    return completions(document, complete(snapshot, document.uri, offset, snippets=client.snippets), client)

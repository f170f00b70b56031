"""Opening, changing, saving and closing documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsprotocol import types

    from modelspec_ls.lsp.server import ModelSpecServer


def did_open(server: ModelSpecServer, params: types.DidOpenTextDocumentParams) -> None:
    """Take a document from the client."""
    item = params.text_document
    server.session.open(item.uri, item.text, item.version, item.language_id)
    server.publisher.touch(item.uri)


def did_change(server: ModelSpecServer, params: types.DidChangeTextDocumentParams) -> None:
    """Apply changes at once; diagnostics follow when all that has arrived is applied."""
    uri = params.text_document.uri
    if server.session.change(uri, params.content_changes, params.text_document.version) is not None:
        server.publisher.touch(uri)


def did_save(server: ModelSpecServer, params: types.DidSaveTextDocumentParams) -> None:
    """Look again: what the document refers to may have changed on disk."""
    uri = params.text_document.uri
    document = server.session.snapshot.document(uri)
    if document is not None:
        server.session.look_again(document.key)
        server.publisher.touch(uri)


def did_close(server: ModelSpecServer, params: types.DidCloseTextDocumentParams) -> None:
    """Forget a document and clear its diagnostics."""
    uri = params.text_document.uri
    if server.session.close(uri) is not None:
        server.publisher.close(uri)
        server.publisher.wake()

"""Opening, changing, saving and closing documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsprotocol import types

    from modelspec_ls.lsp.server import ModelSpecServer
    from modelspec_ls.workspace.scopes import Scopes


def did_open(server: ModelSpecServer, params: types.DidOpenTextDocumentParams) -> None:
    """Take a document from the client."""
    item, before = params.text_document, server.session.scopes
    server.session.open(item.uri, item.text, item.version, item.language_id)
    _touch(server, item.uri, before)


def did_change(server: ModelSpecServer, params: types.DidChangeTextDocumentParams) -> None:
    """Apply changes at once; diagnostics follow when all that has arrived is applied."""
    uri, before = params.text_document.uri, server.session.scopes
    if server.session.change(uri, params.content_changes, params.text_document.version) is not None:
        _touch(server, uri, before)


def _touch(server: ModelSpecServer, uri: str, before: Scopes) -> None:
    server.publisher.touch(uri)
    now = server.session.scopes
    if now.differs(before):
        server.rows_changed()
    server.checkpoints.look()


def did_save(server: ModelSpecServer, params: types.DidSaveTextDocumentParams) -> None:
    """Look again: what the document refers to may have changed on disk."""
    uri = params.text_document.uri
    document = server.session.snapshot.document(uri)
    if document is not None:
        server.session.look_again(document.key)
        server.publisher.touch(uri)
        server.checkpoints.look(again=True)


def did_close(server: ModelSpecServer, params: types.DidCloseTextDocumentParams) -> None:
    """Forget a document and clear its diagnostics."""
    uri, before = params.text_document.uri, server.session.scopes
    if server.session.close(uri) is not None:
        server.publisher.close(uri)
        if server.session.scopes is not before:
            server.rows_changed()
        server.publisher.wake()

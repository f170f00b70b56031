"""ModelSpec files that changed outside the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelspec_ls.lsp.indexing import reread

if TYPE_CHECKING:
    from lsprotocol import types

    from modelspec_ls.lsp.server import ModelSpecServer


def did_change(server: ModelSpecServer, params: types.DidChangeWatchedFilesParams) -> None:
    """Look again at what is open. The text of an open document is the editor's, whatever is on disk."""
    snapshot = server.session.snapshot
    closed = [change.uri for change in params.changes if snapshot.document(change.uri) is None]
    if reread(server.session, closed):
        server.publisher.touch_all()

"""ModelSpec files that changed outside the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsprotocol import types

    from modelspec_ls.lsp.server import ModelSpecServer


def did_change(server: ModelSpecServer, params: types.DidChangeWatchedFilesParams) -> None:
    """Look again at what is open. The text of an open document is the editor's, whatever is on disk."""
    snapshot = server.session.snapshot
    if any(snapshot.document(change.uri) is None for change in params.changes):
        server.publisher.touch_all()

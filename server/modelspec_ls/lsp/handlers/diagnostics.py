"""Diagnostics for clients that ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelspec_ls.lsp.publish import report

if TYPE_CHECKING:
    from lsprotocol import types

    from modelspec_ls.lsp.server import ModelSpecServer


def diagnostic(server: ModelSpecServer, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    """All diagnostics of a document, or the word that they are the same as before."""
    return report(server.session, params.text_document.uri, params.previous_result_id)

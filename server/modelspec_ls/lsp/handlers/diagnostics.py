"""Diagnostics for clients that ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from modelspec_ls.lsp.publish import report

if TYPE_CHECKING:
    from modelspec_ls.lsp.server import ModelSpecServer


def diagnostic(server: ModelSpecServer, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    """All diagnostics of a document, or the word that they are the same as before."""
    return report(server.session, params.text_document.uri, params.previous_result_id)


async def workspace(
    server: ModelSpecServer, params: types.WorkspaceDiagnosticParams
) -> types.WorkspaceDiagnosticReport:
    """The diagnostics of every spec of the workspace; in parts, and waiting for news, where the client takes parts."""
    previous = {item.uri: item.value for item in params.previous_result_ids}
    token = params.partial_result_token

    def send(items: list[types.WorkspaceDocumentDiagnosticReport]) -> None:
        value = server.protocol.plain(types.WorkspaceDiagnosticReportPartialResult(items))
        server.protocol.notify(types.PROGRESS, types.ProgressParams(token if token is not None else "", value))

    found = await server.reports.report(previous, send if token is not None else None)
    return types.WorkspaceDiagnosticReport(found)

"""Memory fit: inlay hints, and the request that views ask with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from modelspec_ls.ide.memory import inlay_hints
from modelspec_ls.ide.memory_request import memory_fit
from modelspec_ls.lsp import convert

if TYPE_CHECKING:
    from modelspec_ls.lsp.server import ModelSpecServer


def hints(server: ModelSpecServer, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    """A few words beside values."""
    snapshot, client = server.session.snapshot, server.session.client
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    span = convert.span(document, params.range, client)
    return [
        types.InlayHint(
            convert.position(document, hint.offset, client), hint.label, tooltip=hint.tooltip or None, padding_left=True
        )
        for hint in inlay_hints(snapshot, document.uri, span)
    ]


def fit(server: ModelSpecServer, params: Any) -> dict[str, Any] | None:
    """``modelspec/memoryFit``: ``{uri, overrides?}`` to one report per spec of the document."""
    if not isinstance(params, dict) or not isinstance(params.get("uri"), str):
        return None
    overrides = params.get("overrides")
    return memory_fit(server.session.snapshot, params["uri"], overrides if isinstance(overrides, dict) else {})

"""Memory fit: inlay hints, and the request that views ask with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from modelspec_ls.ide.flavors import flavor_at, flavor_hints, flavor_view
from modelspec_ls.ide.memory import inlay_hints
from modelspec_ls.ide.memory_edit import edited, edits_between
from modelspec_ls.ide.memory_request import memory_fit
from modelspec_ls.ide.memory_view import fitting, view
from modelspec_ls.lsp import convert
from modelspec_ls.lsp.messages import InvalidParamsError, own_params, position_of
from modelspec_ls.syntax.lookup import document_at
from modelspec_ls.workspace.deployments import flavors_in
from modelspec_ls.workspace.document import Document

if TYPE_CHECKING:
    from modelspec_ls.lsp.server import ModelSpecServer


def hints(server: ModelSpecServer, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    """A few words beside values."""
    snapshot, client = server.session.snapshot, server.session.client
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    span = convert.span(document, params.range, client)
    found = [*inlay_hints(snapshot, document.uri, span)]
    for number in document.model_numbers:
        found += [h for h in flavor_hints(snapshot, document, number) if span.start <= h.offset <= span.end]
    return [
        types.InlayHint(
            convert.position(document, hint.offset, client), hint.label, tooltip=hint.tooltip or None, padding_left=True
        )
        for hint in found
    ]


def fit(server: ModelSpecServer, params: Any) -> dict[str, Any] | None:
    """``modelspec/memoryFit``: one report per spec of a document, and per flavor of an OpenModel.

    Parameters: ``uri``, ``overrides`` (see ``memory_fit``), ``view`` (true: what a view draws, ``views``),
    ``position`` (answered by the number of the document there) and ``accelerators`` (a document's number: those that
    hold what it declares).
    """
    own_params("modelspec/memoryFit", params, uri=str, overrides=dict, view=bool, position=dict, accelerators=int)
    found = _document(server, params)
    if found is None:
        return None
    snapshot, overrides = server.session.snapshot, _overrides(params)
    answer = memory_fit(snapshot, found.uri, overrides)
    if answer is None:
        return None
    if params.get("view") is True:
        answer["views"] = [
            *(view(snapshot, found, number, overrides) for number in found.spec_numbers),
            *(flavor_view(f, number) for number in found.model_numbers for f in flavors_in(snapshot, found, number)),
        ]
    if params.get("position") is not None:
        position = position_of(params["position"])
        offset = convert.offset(found, position, server.session.client)
        number = found.tree.documents.index(document_at(found.tree, offset))
        flavor = flavor_at(snapshot, found, number, offset) if number in found.model_numbers else None
        answer["document"] = number if flavor is None else flavor
    if params.get("accelerators") in found.spec_numbers:
        answer["accelerators"] = fitting(snapshot, found, params["accelerators"], overrides)
    return answer


def fit_edit(server: ModelSpecServer, params: Any) -> dict[str, Any] | None:
    """``modelspec/memoryFitEdit``: the overrides as an edit of one spec (``document``: its number in the file)."""
    own_params("modelspec/memoryFitEdit", params, uri=str, overrides=dict, document=int)
    found, client = _document(server, params), server.session.client
    if found is None or params.get("document") not in found.spec_numbers:
        return None
    changed, ignored = edited(server.session.snapshot, found, params["document"], _overrides(params))
    edits = edits_between(found.text, changed.text)
    message = f"Cannot be written here: {', '.join(ignored)}." if ignored else ""
    return {"edit": convert.workspace_edit(found, edits, client) if edits else None, "message": message}


def _document(server: ModelSpecServer, params: dict[str, Any]) -> Document | None:
    if params.get("uri") is None:
        raise InvalidParamsError("`uri` must name a document")
    return server.session.snapshot.document(params["uri"])


def _overrides(params: dict[str, Any]) -> dict[str, Any]:
    overrides: dict[str, Any] = params.get("overrides") or {}
    return overrides

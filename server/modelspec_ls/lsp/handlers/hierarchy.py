"""Dependencies as a call hierarchy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from modelspec_ls.ide import hierarchy
from modelspec_ls.lsp import convert
from modelspec_ls.workspace.graph import Node

if TYPE_CHECKING:
    from modelspec_ls.ide.results import HierarchyItem, Location
    from modelspec_ls.lsp.server import ModelSpecServer


def prepare(server: ModelSpecServer, params: types.CallHierarchyPrepareParams) -> list[types.CallHierarchyItem] | None:
    """The spec under the cursor."""
    snapshot, client = server.session.snapshot, server.session.client
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    offset = convert.offset(document, params.position, client)
    return [_item(server, item) for item in hierarchy.prepare(snapshot, document.uri, offset)]


def incoming(
    server: ModelSpecServer, params: types.CallHierarchyIncomingCallsParams
) -> list[types.CallHierarchyIncomingCall] | None:
    """Who depends on a spec."""
    node = _node(params.item.data)
    if node is None:
        return None
    return [
        types.CallHierarchyIncomingCall(_item(server, call.item), _ranges(server, call.places))
        for call in hierarchy.incoming(server.session.snapshot, node)
    ]


def outgoing(
    server: ModelSpecServer, params: types.CallHierarchyOutgoingCallsParams
) -> list[types.CallHierarchyOutgoingCall] | None:
    """What a spec depends on."""
    node = _node(params.item.data)
    if node is None:
        return None
    return [
        types.CallHierarchyOutgoingCall(_item(server, call.item), _ranges(server, call.places))
        for call in hierarchy.outgoing(server.session.snapshot, node)
    ]


def _item(server: ModelSpecServer, item: HierarchyItem) -> types.CallHierarchyItem:
    where = convert.mark_range(item.where.mark, server.session.client)
    data = {"key": item.key, "document": item.document}
    return types.CallHierarchyItem(
        item.name, types.SymbolKind.Module, item.where.uri, where, where, detail=item.detail or None, data=data
    )


def _ranges(server: ModelSpecServer, places: tuple[Location, ...]) -> list[types.Range]:
    return [convert.mark_range(place.mark, server.session.client) for place in places]


def _node(data: Any) -> Node | None:
    key, document = (data.get("key"), data.get("document")) if isinstance(data, dict) else (None, None)
    return Node(key, document) if isinstance(key, str) and isinstance(document, int) else None

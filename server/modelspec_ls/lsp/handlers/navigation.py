"""Definitions, implementations, references, and symbols of the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from modelspec_ls.ide import navigation
from modelspec_ls.ide.workspace_symbols import workspace_symbols
from modelspec_ls.lsp import convert

if TYPE_CHECKING:
    from modelspec_ls.ide.results import Location
    from modelspec_ls.lsp.server import ModelSpecServer


def definition(
    server: ModelSpecServer, params: types.DefinitionParams | types.DeclarationParams
) -> list[types.Location] | None:
    """Where the spec behind a reference is defined. A spec is declared where it is defined."""
    snapshot, client = server.session.snapshot, server.session.client
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    offset = convert.offset(document, params.position, client)
    return _locations(server, navigation.definition(snapshot, document.uri, offset))


def implementation(server: ModelSpecServer, params: types.ImplementationParams) -> list[types.Location] | None:
    """The specs that deploy a model."""
    snapshot, client = server.session.snapshot, server.session.client
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    offset = convert.offset(document, params.position, client)
    return _locations(server, navigation.implementation(snapshot, document.uri, offset))


def references(server: ModelSpecServer, params: types.ReferenceParams) -> list[types.Location] | None:
    """Who refers to what is under the cursor."""
    snapshot, client = server.session.snapshot, server.session.client
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    offset = convert.offset(document, params.position, client)
    declaration = params.context.include_declaration
    return _locations(server, navigation.references(snapshot, document.uri, offset, declaration=declaration))


def symbols(server: ModelSpecServer, params: types.WorkspaceSymbolParams) -> list[types.SymbolInformation]:
    """Specs of the workspace by name or model."""
    client = server.session.client
    kinds = {True: types.SymbolKind.Module, False: types.SymbolKind.Constant}
    return [
        types.SymbolInformation(
            convert.location(symbol.where, client),
            symbol.name,
            kinds[symbol.spec],
            container_name=symbol.container or None,
        )
        for symbol in workspace_symbols(server.session.snapshot, params.query)
    ]


def _locations(server: ModelSpecServer, found: tuple[Location, ...]) -> list[types.Location]:
    return [convert.location(place, server.session.client) for place in found]

"""Quick fixes and other actions on a range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelspec_ls.ide.code_actions import code_actions
from modelspec_ls.lsp import convert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsprotocol import types

    from modelspec_ls.lsp.server import ModelSpecServer


_SOURCE = ("source.fixAll.modelspec", "source.sortSections.modelspec")


def code_action(server: ModelSpecServer, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    """The actions that the client's filter lets through."""
    snapshot, client = server.session.snapshot, server.session.client
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    span = convert.span(document, params.range, client)
    only = params.context.only
    source = only is not None and any(_wanted(kind, only) for kind in _SOURCE)
    refactor = any(_wanted(kind, only) for kind in ("refactor.rewrite", "refactor.extract"))
    snapshot = server.session.judged(document.key)
    creates = client.create_files and client.document_changes
    found = code_actions(
        snapshot,
        document.uri,
        span,
        source=source,
        fixes=_wanted("quickfix", only),
        refactor=refactor,
        creates=creates,
        pages=client.show_document,
    )
    given = list(params.context.diagnostics)
    return [convert.code_action(document, action, given, client) for action in found if _wanted(action.kind, only)]


def _wanted(kind: str, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    if only is None:
        return True
    # Kinds are hierarchical: ``source`` asks for ``source.fixAll`` too, and the empty kind for everything.
    names = [str(getattr(name, "value", name)) for name in only]
    return any(not name or kind == name or kind.startswith(name + ".") for name in names)

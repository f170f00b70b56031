"""Renaming specs and dependency ids, and moving files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from modelspec_ls.ide import rename as ide
from modelspec_ls.ide.move import move
from modelspec_ls.ide.results import Refusal
from modelspec_ls.lsp import convert
from modelspec_ls.lsp.messages import RequestFailedError
from modelspec_ls.workspace.references import key_of
from modelspec_ls.workspace.scopes import projects_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelspec_ls.ide.results import FileEdits
    from modelspec_ls.lsp.server import ModelSpecServer


def prepare(server: ModelSpecServer, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
    """What would be renamed; None for what cannot be."""
    snapshot, client = server.session.snapshot, server.session.client
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    found = ide.prepare_rename(snapshot, document.uri, convert.offset(document, params.position, client))
    if found is None:
        return None
    span, text = found
    return types.PrepareRenamePlaceholder(convert.range_of(document, span, client), text)


def rename(server: ModelSpecServer, params: types.RenameParams) -> types.WorkspaceEdit | None:
    """The changes of all files; an error tells the user why there are none."""
    snapshot, client = server.session.snapshot, server.session.client
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    offset = convert.offset(document, params.position, client)
    found = ide.rename(snapshot, document.uri, offset, params.new_name)
    if isinstance(found, Refusal):
        raise RequestFailedError(found.message)
    return _edit(server, found, lambda uri: "In this file" if uri == document.uri else "In other files")


def will_rename(server: ModelSpecServer, params: types.RenameFilesParams) -> types.WorkspaceEdit | None:
    """The references to files that are about to move, and their own."""
    session = server.session
    renames = {key_of(file.old_uri).rstrip("/"): key_of(file.new_uri).rstrip("/") for file in params.files}
    found = move(session.snapshot, renames, session.moved, projects_of)
    session.moved = found.memory

    def label(uri: str) -> str:
        key = key_of(uri)
        moves = any(key == old or key.startswith(f"{old}/") for old in renames)
        return "In files that move" if moves else "References to files that move"

    return _edit(server, found.edits, label)


def _edit(
    server: ModelSpecServer, found: tuple[FileEdits, ...], label: Callable[[str], str]
) -> types.WorkspaceEdit | None:
    return convert.files_edit(found, server.session.client, label=label) if found else None

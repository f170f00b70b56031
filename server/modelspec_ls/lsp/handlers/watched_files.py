"""Files and folders that changed outside the editor, or that the editor made, moved or removed."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from lsprotocol import types

from modelspec_ls.lsp.background import start_indexing
from modelspec_ls.lsp.indexing import folder_keys
from modelspec_ls.workspace.discover import SUFFIXES
from modelspec_ls.workspace.files import is_folder
from modelspec_ls.workspace.ignores import IGNORE_FILES
from modelspec_ls.workspace.references import folders_above, key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelspec_ls.lsp.server import ModelSpecServer

_SHAPING = frozenset({*IGNORE_FILES, ".git"})
"""What decides which files count, or where the paths in them start; so do settings that come or go."""


def did_change(server: ModelSpecServer, params: types.DidChangeWatchedFilesParams) -> None:
    """Look again at what changed on disk. The text of an open document is the editor's, whatever is on disk."""
    emptied = changed(server, [change.uri for change in params.changes])
    # Of a folder that moves some clients tell only that the old one is gone, and never of the files in the new one.
    if emptied or any(_is_new_folder(change) for change in params.changes):
        start_indexing(server)


def _is_new_folder(change: types.FileEvent) -> bool:
    key = key_of(change.uri)
    return change.type == types.FileChangeType.Created and not key.lower().endswith(SUFFIXES) and is_folder(key)


def did_create(server: ModelSpecServer, params: types.CreateFilesParams) -> None:
    """The user made files or folders, which may come with files in them."""
    changed(server, [file.uri for file in params.files])
    if any(not file.uri.lower().endswith(SUFFIXES) for file in params.files):
        start_indexing(server)


def did_delete(server: ModelSpecServer, params: types.DeleteFilesParams) -> None:
    """The user removed files or folders."""
    changed(server, [file.uri for file in params.files])


def did_rename(server: ModelSpecServer, params: types.RenameFilesParams) -> None:
    """The user moved files or folders. A folder that is new here is read through."""
    changed(server, [uri for file in params.files for uri in (file.old_uri, file.new_uri)])
    if any(not file.new_uri.lower().endswith(SUFFIXES) for file in params.files):
        start_indexing(server)


def changed(server: ModelSpecServer, uris: Sequence[str]) -> bool:
    """Look again at files, and at all that is known below folders. Returns whether one with files of ours is gone."""
    session = server.session
    settings = session.snapshot.scopes.settings.keys()
    if session.reread_rows(uris):
        server.rows_changed()
    # A row may name another repository, and any file may be part of a checkpoint.
    server.checkpoints.look(again=True)
    keys = {key_of(uri).rstrip("/") for uri in uris}
    if settings != session.snapshot.scopes.settings.keys() or any(posixpath.basename(key) in _SHAPING for key in keys):
        start_indexing(server)
    known = session.snapshot.graph.files
    folders = {key for key in keys if key not in known and not key.lower().endswith(SUFFIXES)}
    inside = {key for key in known if not folders.isdisjoint(folders_above(key))} if folders else set()
    session.hear(folders)
    session.disk_changed(
        {*(keys & known.keys()), *(k for k in keys - folders if k.lower().endswith(SUFFIXES)), *inside}
    )
    server.publisher.wake()
    return bool(inside) and not all(map(is_folder, folders))


def folders_changed(server: ModelSpecServer, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """The user added or removed folders of the workspace."""
    session = server.session
    gone = set(folder_keys([folder.uri for folder in params.event.removed]))
    added = folder_keys([folder.uri for folder in params.event.added])
    session.folders = [*dict.fromkeys([*(f for f in session.folders if f not in gone), *added])]
    start_indexing(server)

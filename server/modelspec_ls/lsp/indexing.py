"""Reads the specs of the workspace in the background, a little at a time."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from modelspec_ls.core.config import Limits
from modelspec_ls.workspace.cache import Cache, digest
from modelspec_ls.workspace.credentials import secrets_in
from modelspec_ls.workspace.discover import discover
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.facts import FileFacts, file_facts
from modelspec_ls.workspace.files import FileFault
from modelspec_ls.workspace.link import link
from modelspec_ls.workspace.references import folders_above, key_of, uri_of
from modelspec_ls.workspace.scopes import project_of, projects_of

from .session import Session
from .turns import Turns

log = logging.getLogger(__name__)

_BATCH_SECONDS = 0.5
"""How often what was read becomes part of the graph."""
_LINKED_AT_ONCE = 50

Report = Callable[[int], None]
"""Told now and then how many specs were read."""


def folders_of(params: Mapping[str, Any]) -> list[str]:
    """Keys of the folders of an ``initialize`` request: those of the workspace, else its root."""
    folders = params.get("workspaceFolders")
    uris = [f.get("uri") for f in folders if isinstance(f, Mapping)] if isinstance(folders, list) else []
    return folder_keys([uri for uri in uris or [params.get("rootUri")] if isinstance(uri, str)])


def folder_keys(uris: list[str]) -> list[str]:
    """Keys of folders by their URIs; what cannot be on a disk is said in the log and left out."""
    keys: list[str] = []
    for uri in uris:
        key = key_of(uri)
        if uri.startswith("file:") and _may_exist(key):
            keys.append(key.rstrip("/") or "/")
        else:
            log.warning("Not a folder on this machine's disks: %r", uri)
    return keys


def _may_exist(path: str) -> bool:
    """Whether the system takes this for a path; merely asking it about others raises."""
    try:
        return Path(path).is_absolute() and b"\0" not in os.fsencode(path)
    except ValueError:
        return False


def expect(session: Session) -> None:
    """Know of the session's folders, and that nobody has read them: what is not found may be there."""
    roots = [root for folder in session.folders for root in (folder, project_of(folder)) if root]
    _put(session, lambda graph: graph.with_roots(roots, session.folders).completed(complete=not session.folders))


async def index_folders(session: Session, report: Report, changed: Callable[[], None]) -> None:
    """Bring the graph up to date with what the session's folders hold now.

    Args:
        session: whose graph it is.
        report: told about progress.
        changed: called when the graph has changed.
    """
    started = time.perf_counter()
    _clear()
    turns = Turns()
    since = time.perf_counter()
    expect(session)
    session.heard = set()
    seen: set[str] = set()
    unread: list[str] = []
    batch: dict[str, FileFacts | None] = {}
    cache = await asyncio.to_thread(Cache.open, "index", *sorted(session.folders))
    for key, facts in scan(session.folders, session.snapshot.config.limits, cache):
        if isinstance(facts, FileFault):
            unread.append(key)
        elif facts is not None:
            seen.add(key)
            batch[key] = facts
        if await turns.over():
            report(len(seen))
            if time.perf_counter() - since > _BATCH_SECONDS:
                _add(session, batch)
                batch, since = {}, time.perf_counter()
                changed()
    _add(session, batch)
    session.heard = None
    # What the graph holds of the folders beyond what was found is gone.
    gone = [key for key, facts in session.snapshot.graph.files.items() if not facts.guest and key not in seen]
    session.disk_changed([*gone, *unread])
    # Few refer to what lies beyond, or nowhere.
    keys = sorted(seen & session.snapshot.graph.wanting())
    for at in range(0, len(keys), _LINKED_AT_ONCE):
        some = keys[at : at + _LINKED_AT_ONCE]
        _put(session, lambda graph, some=some: link(graph, some, session.snapshot.config.limits))  # type: ignore[misc]
        await turns.over()
    _put(session, lambda graph: graph.completed(complete=True))
    session.rename_linked()
    changed()
    for _ in cache.saving():
        await turns.over()
    log.info("Indexed %d files in %.1f s", len(seen), time.perf_counter() - started)


def scan(folders: list[str], limits: Limits, cache: Cache) -> Iterator[tuple[str, FileFacts | FileFault | None]]:
    """Read every spec below the folders, one file per step; None for one that holds none.

    ``cache``: what earlier runs made of the same contents.
    """
    for found in discover(folders, limits):
        if isinstance(found.content, FileFault):
            yield found.path, found.content
        else:
            content = digest(found.content.text, found.path)
            facts = cache.get(found.path, content)
            if not isinstance(facts, FileFacts):
                document = Document(uri_of(found.path), found.content.text)
                facts = file_facts(document)
                # What stands in a file with credentials is kept nowhere.
                if not secrets_in(document):
                    cache.put(found.path, content, facts)
            yield found.path, facts if facts.linked else None


_froze = False


def _clear() -> None:
    """Free what earlier looks and sessions of this process left: ``_add`` would keep it for ever."""
    global _froze  # noqa: PLW0603  (it is about the process)
    if _froze:
        gc.unfreeze()
        gc.collect()
    _froze = True


def _add(session: Session, batch: dict[str, FileFacts | None]) -> None:
    """Take what was read from disk; an open document is the editor's."""
    opened = {document.key for document in session.snapshot.documents.values()}
    projects = projects_of(batch)
    closed = {key: facts for key, facts in batch.items() if key not in opened}
    _put(session, lambda graph: graph.with_projects(projects).with_files(closed))
    if heard := session.heard:
        session.disk_changed([key for key in closed if key in heard or not heard.isdisjoint(folders_above(key))])
    # Facts hold no cycles. Looking through ten thousand of them for garbage would take a tenth of a second each time.
    gc.freeze()


def _put(session: Session, change: Callable[[Any], Any]) -> None:
    snapshot = session.snapshot
    session.snapshot = snapshot.with_graph(change(snapshot.graph))

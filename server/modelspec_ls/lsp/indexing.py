"""Reads the specs of the workspace in the background, a little at a time, and keeps them current."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelspec_ls.workspace.index import Index, path_of, read_facts, scan

from .session import Session

log = logging.getLogger(__name__)

_TURN_SECONDS = 0.015
"""How long reading may keep typing waiting."""


def folders_of(params: Mapping[str, Any]) -> list[Path]:
    """The folders of an ``initialize`` request: those of the workspace, else its root."""
    folders = params.get("workspaceFolders")
    uris = [f.get("uri") for f in folders if isinstance(f, Mapping)] if isinstance(folders, list) else []
    uris = uris or [params.get("rootUri")]
    paths = [path_of(uri) for uri in uris if isinstance(uri, str)]
    return [path for path in paths if path is not None]


async def index_folders(session: Session) -> None:
    """Replace the index by what the session's folders hold now."""
    started = time.perf_counter()
    files = {}
    turn = time.perf_counter()
    for uri, found in scan(session.folders, session.snapshot.config.limits):
        if found:
            files[uri] = found
        if time.perf_counter() - turn > _TURN_SECONDS:
            await asyncio.sleep(0)
            turn = time.perf_counter()
    session.snapshot = session.snapshot.with_index(Index(files))
    log.info("Indexed %d files in %.1f s", len(files), time.perf_counter() - started)


def reread(session: Session, uris: list[str]) -> bool:
    """Read changed files again; returns whether what they declare is different now."""
    index = session.snapshot.index
    for uri in uris:
        index = index.with_file(uri, read_facts(uri, session.snapshot.config.limits))
    changed = index is not session.snapshot.index
    if changed:
        session.snapshot = session.snapshot.with_index(index)
    return changed

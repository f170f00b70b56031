"""Looks at checkpoints on disk aside of everything else, and has the specs that name them checked again."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from .session import Session

if TYPE_CHECKING:
    from modelspec_ls.workspace.checkpoints import Query, Reading

log = logging.getLogger(__name__)

_QUIET_SECONDS = 0.2
"""A path that is being typed is not looked at letter by letter."""


class CheckpointReader:
    """Reads one checkpoint after the other, in a thread that nobody waits for. Typing never does.

    ``changed`` is called with the documents of which something else is known now.
    """

    def __init__(self, session: Session, changed: Callable[[list[str]], None]) -> None:
        self._session = session
        self._changed = changed
        self._task: asyncio.Task[None] | None = None
        self._all = False

    def look(self, *, again: bool = False) -> None:
        """Look soon at what the open specs name; ``again``: also where the answer is known, for files may differ."""
        self._all = self._all or again
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        done: set[Query] = set()
        while True:
            await asyncio.sleep(_QUIET_SECONDS)
            if self._all:
                self._all, done = False, set()
                todo = self._wanted()
            else:
                todo = {q: uris for q, uris in self._wanted().items() if q not in self._session.snapshot.checkpoints}
            todo = {query: uris for query, uris in todo.items() if query not in done}
            if not todo:
                return
            for query in todo:
                done.add(query)
                if query in self._wanted():  # Else the text has changed meanwhile.
                    await self._read(query)

    async def _read(self, query: Query) -> None:
        from modelspec_ls.workspace.checkpoints import read  # noqa: PLC0415  (loads all knowledge)

        before = self._session.snapshot.checkpoints.get(query)
        found = await _aside(lambda: read(query, before))
        if found is None or found is before:
            return
        wanted = self._wanted()
        snapshot = self._session.snapshot
        kept = {q: reading for q, reading in snapshot.checkpoints.items() if q in wanted}
        self._session.snapshot = snapshot.with_readings({**kept, query: found})
        if found.tells or (before is not None and before.tells):
            self._changed(wanted.get(query, []))

    def _wanted(self) -> dict[Query, list[str]]:
        """What the open specs ask for, with the documents that ask."""
        from modelspec_ls.workspace.deployments import queries_in  # noqa: PLC0415  (loads all knowledge)

        snapshot = self._session.snapshot
        out: dict[Query, list[str]] = {}
        for uri, document in snapshot.documents.items():
            for query in queries_in(snapshot, document).values():
                out.setdefault(query, []).append(uri)
        return out


async def _aside(work: Callable[[], Reading]) -> Reading | None:
    """Run in a thread that does not keep the process alive: a disk that hangs must not hold up the end."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Reading | None] = loop.create_future()

    def finish(found: Reading | None) -> None:
        if not future.done():
            future.set_result(found)

    def run() -> None:
        try:
            found = work()
        except Exception:
            log.exception("A checkpoint could not be read")
            found = None
        try:
            loop.call_soon_threadsafe(finish, found)
        except RuntimeError:  # The server has ended.
            log.debug("A checkpoint was read too late")

    threading.Thread(target=run, daemon=True, name="checkpoint").start()
    return await future

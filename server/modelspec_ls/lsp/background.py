"""Work in the background of one server, with progress where the client shows it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from lsprotocol import types

from .indexing import index_folders

if TYPE_CHECKING:
    from .server import ModelSpecServer

log = logging.getLogger(__name__)

_TOKEN = "modelspec/index"  # noqa: S105  # A name, not a secret.
_PATIENCE_SECONDS = 1.0
"""Work that takes less shows no progress."""


def start_indexing(server: ModelSpecServer) -> None:
    """Read the workspace's folders, again where that was under way."""
    if server.indexing is not None:
        server.indexing.cancel()
    server.indexing = asyncio.ensure_future(_index(server))


def stop_indexing(server: ModelSpecServer) -> None:
    """The user wants no more of it. What was read stays; names that are not found are not judged."""
    if server.indexing is not None:
        server.indexing.cancel()
        server.session.heard = None


async def _index(server: ModelSpecServer) -> None:
    progress = _Progress(server)
    try:
        await index_folders(server.session, progress.tell, server.publisher.wake)
    except asyncio.CancelledError:
        log.info("Indexing was stopped")
    except Exception as error:  # noqa: BLE001  # Open documents are served all the same.
        log.error("Indexing failed: %s", type(error).__name__)  # noqa: TRY400
    finally:
        progress.end()


class _Progress:
    """A line in the client's window, shown once the work takes long."""

    def __init__(self, server: ModelSpecServer) -> None:
        self._server = server
        self._since = asyncio.get_running_loop().time()
        self._asked = self._shown = False

    def tell(self, count: int) -> None:
        if not self._server.session.client.progress:
            return
        now = asyncio.get_running_loop().time()
        if now - self._since < _PATIENCE_SECONDS:
            return
        self._since = now
        if not self._asked:
            self._asked = True
            params = types.WorkDoneProgressCreateParams(_TOKEN)
            self._server.request_and_forget(types.WINDOW_WORK_DONE_PROGRESS_CREATE, params)
            self._send(types.WorkDoneProgressBegin("Reading ModelSpec files", cancellable=True))
            self._shown = True
        self._send(types.WorkDoneProgressReport(message=f"{count:,} files", cancellable=True))

    def end(self) -> None:
        if self._shown:
            self._send(types.WorkDoneProgressEnd())

    def _send(
        self, value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd
    ) -> None:
        protocol = self._server.protocol
        protocol.notify(types.PROGRESS, types.ProgressParams(_TOKEN, protocol.plain(value)))

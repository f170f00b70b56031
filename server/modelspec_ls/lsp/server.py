"""The server: what belongs to one client, and the ways to reach it."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
import threading
from collections.abc import Coroutine
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from modelspec_ls import __version__
from modelspec_ls.core.words import join

from .checkpoint_reader import CheckpointReader
from .handlers import install
from .messages import make_converter
from .protocol import ModelSpecProtocol
from .publish import Publisher
from .session import Session
from .sockets import run_tcp, run_ws
from .stdio import run_stdio
from .workspace import WorkspaceReports

log = logging.getLogger(__name__)

_LAST_SECONDS = 5.0
"""How long the end of a conversation may take."""
_UNUSABLE = 2
"""The exit code where there is nothing to converse over."""


class ModelSpecServer(LanguageServer):
    """One client's server: protocol, session, publisher."""

    protocol: ModelSpecProtocol

    def __init__(self) -> None:
        super().__init__(
            "modelspec",
            __version__,
            types.TextDocumentSyncKind.Full,
            protocol_cls=ModelSpecProtocol,
            converter_factory=make_converter,
        )
        self.session = Session()
        self.publisher = Publisher(self.session, self._publish, self._refresh, self.protocol.inbox.wake)
        self.reports = WorkspaceReports(self.session)
        self.session.on_disk_change = self.reports.forget
        self.publisher.on_change = self.reports.touched
        self.reports.on_judged = self.publisher.judged
        self.publisher.on_links = self._refresh_lenses
        self.publisher.on_lines = self._refresh_views
        self.protocol.inbox.on_idle = self.publisher.publish_next
        self.checkpoints = CheckpointReader(self.session, self.checkpoints_changed)
        self.indexing: asyncio.Future[None] | None = None
        self.start_problems: list[str] = []
        self.told_problems: list[str] = []
        install(self)

    def rows_changed(self) -> None:
        """The workspace's own catalogue changed, which holds for every spec."""
        self.reports.forget()
        self.publisher.touch_all()
        self._refresh_views()

    def checkpoints_changed(self, uris: list[str]) -> None:
        """Something else is known now of the checkpoints that some open documents name."""
        self.publisher.touch_some(uris)
        self._refresh_views()

    def _refresh_views(self) -> None:
        """Have the client ask again for what it shows beside the text."""
        self._refresh_lenses()
        if self.session.client.inlay_hint_refresh:
            self.request_and_forget(types.WORKSPACE_INLAY_HINT_REFRESH, None)

    def _refresh_lenses(self) -> None:
        if self.session.client.code_lens_refresh:
            self.request_and_forget(types.WORKSPACE_CODE_LENS_REFRESH, None)

    def request_and_forget(self, method: str, params: Any) -> None:
        """Send a request whose answer changes nothing; a refusal is logged."""

        def answered(future: asyncio.Future[Any]) -> None:
            if not future.cancelled() and (error := future.exception()) is not None:
                log.warning("The client refused %s: %s", method, error)

        self.protocol.send_request_async(method, params).add_done_callback(answered)

    def empty_reply(self, method: str) -> Any:
        """What to answer when a handler failed."""
        if method == types.TEXT_DOCUMENT_DIAGNOSTIC:
            return {"kind": "full", "items": []}
        if method == types.WORKSPACE_DIAGNOSTIC:
            return {"items": []}
        return None

    def _publish(self, params: types.PublishDiagnosticsParams) -> None:
        self.protocol.notify(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)

    def _refresh(self) -> None:
        self.request_and_forget(types.WORKSPACE_DIAGNOSTIC_REFRESH, None)


def create_server() -> ModelSpecServer:
    """A server for one client, with all handlers."""
    return ModelSpecServer()


def serve_stdio(*, log_level: str = "warning") -> int:
    """Serve one client over standard input and output; returns the exit code."""
    closed = [name for name, stream in (("input", sys.stdin), ("output", sys.stdout)) if stream is None]
    if closed:
        words = f"standard {join(closed)} {'are' if len(closed) > 1 else 'is'} closed"
        log.error("modelspec lsp: %s; editor and server speak over both.", words)
        return _UNUSABLE
    return _serve(run_stdio(create_server().protocol), log_level)


def serve_tcp(host: str, port: int, *, log_level: str = "warning") -> int:
    """Wait for one client on a TCP port and serve it; returns the exit code."""
    return _serve(run_tcp(lambda: create_server().protocol, host, port), log_level)


def serve_ws(host: str, port: int, *, log_level: str = "warning") -> int:
    """Serve clients on a WebSocket port until interrupted; returns the exit code."""
    return _serve(run_ws(lambda: create_server().protocol, host, port), log_level)


def _serve(conversation: Coroutine[Any, Any, int], log_level: str) -> int:
    level = logging.getLevelName(log_level.upper())
    logging.basicConfig(
        stream=sys.stderr,
        level=level if isinstance(level, int) else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # pygls logs whole messages, and with them the user's text.
    logging.getLogger("pygls").setLevel(logging.ERROR)
    gc.freeze()
    # A tree is many small objects without cycles: looking through it for garbage took a third of each keystroke.
    gc.set_threshold(100_000, 20, 20)
    gc.enable()
    timer: list[threading.Timer] = []

    async def whole() -> int:
        status = await conversation
        # Something that still waits for a disk must not keep the process.
        timer.append(threading.Timer(_LAST_SECONDS, os._exit, (status,)))
        timer[0].daemon = True
        timer[0].start()
        return status

    try:
        return asyncio.run(whole())
    except KeyboardInterrupt:
        return 130
    except ImportError as error:
        log.error("%s. For WebSockets install modelspec-language-server[ws].", error)  # noqa: TRY400
        return 1
    except OSError as error:
        log.error("Cannot listen: %s", error)  # noqa: TRY400
        return 1
    finally:
        for waiting in timer:
            waiting.cancel()

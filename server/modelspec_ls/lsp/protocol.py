"""JSON-RPC over any transport: one reply per request, whatever the client sends.

Messages are decoded as they come in and handled in order. A cancellation overtakes the request it
names, and work that only concerns the latest text waits until everything that has arrived is handled.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.protocol import LanguageServerProtocol

from .inbox import Inbox
from .messages import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    REQUEST_CANCELLED,
    REQUEST_FAILED,
    SERVER_NOT_INITIALIZED,
    Incoming,
    InvalidParamsError,
    MessageId,
    RequestFailedError,
    Written,
    structure,
)
from .wire import Wire

if TYPE_CHECKING:
    from cattrs import Converter

    from .server import ModelSpecServer

log = logging.getLogger(__name__)

# A failure of these must be told; elsewhere an empty reply keeps the editor quiet.
_MUST_SUCCEED = frozenset({types.INITIALIZE, types.SHUTDOWN, types.WORKSPACE_EXECUTE_COMMAND})


class ModelSpecProtocol(LanguageServerProtocol):
    """Replaces the message handling of pygls; its features, converter and outgoing requests stay in use."""

    def __init__(self, server: ModelSpecServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self.owner = server
        self.finished: asyncio.Future[int] | None = None
        self.inbox = Inbox(self._handle, self._ended)
        self.wire = Wire(self._sort, lambda code, text: self._fail(None, code, text), lambda: self.inbox.put(None))
        self._open: dict[MessageId, Incoming] = {}
        self._running: dict[MessageId, asyncio.Future[Any]] = {}
        self._background: set[asyncio.Future[Any]] = set()
        self._initialized = False
        self._apologised = False

    @property
    def converter(self) -> Converter:
        """Makes JSON of the protocol's types and back."""
        return self._converter

    def _register_builtin_features(self) -> None:
        """None: pygls would keep a second copy of every document and change the client's positions."""

    # Transport.

    @property
    def shut_down(self) -> bool:
        """Whether the client has asked for the end."""
        return self._shutdown

    def connect(self, send: Callable[[bytes], None], *, framed: bool = True) -> asyncio.Future[int]:
        """Start a conversation. Returns the exit code to come.

        Args:
            send: takes bytes to send; must not block.
            framed: whether messages have headers; WebSockets frame them otherwise.
        """
        self.wire.connect(send, framed=framed)
        self.finished = asyncio.get_running_loop().create_future()
        return self.finished

    def finish(self, code: int) -> None:
        """End the conversation with an exit code."""
        for future in (*self._running.values(), *self._background):
            future.cancel()
        self.inbox.clear()
        if self.finished is not None and not self.finished.done():
            self.finished.set_result(code)

    def _ended(self) -> None:
        log.info("The client closed the connection")
        self.finish(0)

    # Incoming.

    def _sort(self, message: Any, size: int) -> None:
        fields = message if isinstance(message, dict) else {}
        ident, method = fields.get("id"), fields.get("method")
        valid_id = isinstance(ident, (str, int)) and not isinstance(ident, bool)
        if method is None and ("result" in fields or "error" in fields):
            if valid_id:
                self._settle(fields)
            else:
                log.warning("The client answered something that was not asked: %s", fields.get("error"))
        elif fields.get("jsonrpc") != "2.0" or ("id" in fields and not valid_id):
            self._fail(ident if valid_id else None, INVALID_REQUEST, "Not a JSON-RPC 2.0 message")
        elif not isinstance(method, str):
            self._fail(ident, INVALID_REQUEST, "A message needs a method")
        elif method == types.CANCEL_REQUEST and ident is None:
            self._cancel(fields.get("params"))
        elif ident in self._open:
            # The request that came first under this id keeps its claim to an answer.
            error = {"code": INVALID_REQUEST, "message": f"The id {ident!r} is in use"}
            self.wire.post({"jsonrpc": "2.0", "id": ident, "error": error})
        else:
            incoming = Incoming(method, fields.get("params"), ident, size=size)
            if ident is not None:
                self._open[ident] = incoming
            self.inbox.put(incoming)

    def _settle(self, fields: dict[str, Any]) -> None:
        error = fields.get("error")
        if error is not None:
            code, text = (error.get("code"), error.get("message")) if isinstance(error, dict) else (None, None)
            error = types.ResponseError(code if isinstance(code, int) else INTERNAL_ERROR, str(text))
        self._result_types.pop(fields["id"], None)
        self._handle_response(fields["id"], fields.get("result"), error)

    def _cancel(self, params: Any) -> None:
        ident = params.get("id") if isinstance(params, dict) else None
        if not isinstance(ident, (str, int)) or ident not in self._open:
            return
        if ident in self._running:
            self._running[ident].cancel()
        else:
            self._fail(ident, REQUEST_CANCELLED, "Cancelled")

    # Handling.

    def _handle(self, incoming: Incoming) -> None:
        method, ident = incoming.method, incoming.id
        handler = self.fm.features.get(method)
        if method == types.EXIT:
            self.finish(0 if self._shutdown else 1)
        elif self._shutdown:
            self._refuse(ident, INVALID_REQUEST, "The server has been shut down")
        elif not self._initialized and method != types.INITIALIZE:
            self._refuse(ident, SERVER_NOT_INITIALIZED, "The first request must be initialize")
        elif self._initialized and method == types.INITIALIZE:
            self._refuse(ident, INVALID_REQUEST, "The server is initialized already")
        elif handler is None:
            self._refuse(ident, METHOD_NOT_FOUND, f"The method {method} is not supported")
        else:
            self._run(incoming, handler)

    def _refuse(self, ident: MessageId | None, code: int, message: str) -> None:
        if ident is None:
            log.debug("Ignored a notification: %s", message)
        else:
            self._fail(ident, code, message)

    def _run(self, incoming: Incoming, handler: Callable[[Any], Any]) -> None:
        try:
            result = handler(structure(self._converter, incoming.method, incoming.params))
        except InvalidParamsError as error:
            log.warning("Malformed message: %s", error)
            self._refuse(incoming.id, INVALID_PARAMS, str(error))
        except Exception as error:  # noqa: BLE001
            self._broke(incoming, error)
        else:
            if inspect.isawaitable(result):
                future = asyncio.ensure_future(result)
                self._background.add(future)
                if incoming.id is not None:
                    self._running[incoming.id] = future
                future.add_done_callback(lambda done: self._done(incoming, done))
            else:
                self._succeed(incoming, result)

    def _done(self, incoming: Incoming, future: asyncio.Future[Any]) -> None:
        self._background.discard(future)
        if incoming.id is not None:
            self._running.pop(incoming.id, None)
        if future.cancelled():
            if incoming.id is not None:
                self._fail(incoming.id, REQUEST_CANCELLED, "Cancelled")
        elif (error := future.exception()) is not None:
            self._broke(incoming, error)
        else:
            self._succeed(incoming, future.result())

    def _succeed(self, incoming: Incoming, result: Any) -> None:
        if incoming.method == types.INITIALIZE:
            self._initialized = True
        elif incoming.method == types.SHUTDOWN:
            self._shutdown = True
        if incoming.id is None:
            return
        try:
            ready = result if isinstance(result, Written) else self._converter.unstructure(result)
            self._reply(incoming.id, {"result": ready})
        except Exception as error:  # noqa: BLE001
            self._broke(incoming, error)

    def _broke(self, incoming: Incoming, error: BaseException) -> None:
        if isinstance(error, RequestFailedError):
            self._refuse(incoming.id, REQUEST_FAILED, str(error))
            return
        # The message of an exception may quote the document, so it is only for those who ask for all.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("%s failed for %s: %s\n%s", incoming.method, incoming.uri, type(error).__name__, where)
        log.debug("%s", error)
        if incoming.id is not None:
            if incoming.method in _MUST_SUCCEED:
                self._fail(incoming.id, INTERNAL_ERROR, f"{incoming.method} failed; see the server's log")
            else:
                self._reply(incoming.id, {"result": self.owner.empty_reply(incoming.method)})
        if self._initialized and not self._apologised:
            self._apologised = True
            text = f"ModelSpec: {incoming.method} failed inside the language server. Its log has the details."
            self.notify(types.WINDOW_SHOW_MESSAGE, types.ShowMessageParams(types.MessageType.Warning, text))

    # Outgoing.

    def _fail(self, ident: MessageId | None, code: int, message: str) -> None:
        self._reply(ident, {"error": {"code": code, "message": message}})

    def _reply(self, ident: MessageId | None, outcome: dict[str, Any]) -> None:
        if ident is not None:
            incoming = self._open.pop(ident, None)
            if incoming is not None:
                incoming.answered = True
        self.wire.post({"jsonrpc": "2.0", "id": ident, **outcome})

    def plain(self, value: Any) -> Any:
        """A value of the protocol's types as JSON values."""
        return self._converter.unstructure(value)

    def _send_data(self, data: Any) -> None:
        """Send a request or notification; pygls calls this."""
        self.wire.post(self._converter.unstructure(data))

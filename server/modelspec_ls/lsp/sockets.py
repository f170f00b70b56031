"""TCP and WebSocket transports. Every connection has a server, and with it a session, of its own."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .framing import MAX_BODY, MAX_UNREAD

if TYPE_CHECKING:
    from .protocol import ModelSpecProtocol

log = logging.getLogger(__name__)

# A web page from elsewhere must not talk to a server on this machine.
_LOCAL_ORIGIN = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
# Nor by TCP: what a browser sends begins with a request of HTTP or a greeting of TLS, whatever the page has in mind.
_OPENINGS = (b"content-length:", b"content-type:")
_LONGEST_OPENING = max(map(len, _OPENINGS))


class _Connection(asyncio.Protocol):
    """One connection.

    Args:
        start: called when the first bytes are those of a message; None where another client came first.
        ended: called with the exit code.
    """

    def __init__(self, start: Callable[[], ModelSpecProtocol | None], ended: Callable[[int], None]) -> None:
        self._start = start
        self._ended = ended
        self._first = b""
        self._protocol: ModelSpecProtocol | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._protocol is None:
            data = self._first = self._first + data
            begun = data[:_LONGEST_OPENING].lower()
            if not begun.startswith(_OPENINGS):
                if not any(opening.startswith(begun) for opening in _OPENINGS):
                    self._refuse("it did not begin with a message")
                return
            self._protocol = self._start()
            if self._protocol is None:
                self._refuse("there is a client already")
                return
            self._converse(self._protocol)
        self._protocol.wire.feed(data)

    def _refuse(self, why: str) -> None:
        log.warning("Refused a connection from %s: %s", self._transport.get_extra_info("peername"), why)
        self._transport.abort()

    def _converse(self, protocol: ModelSpecProtocol) -> None:
        transport = self._transport

        def send(data: bytes) -> None:
            transport.write(data)
            if transport.get_write_buffer_size() > MAX_UNREAD:
                log.error("The client does not read what it is sent")
                transport.abort()

        def end(done: asyncio.Future[int]) -> None:
            transport.close()
            self._ended(done.result())

        protocol.connect(send).add_done_callback(end)
        protocol.inbox.on_full = lambda full: transport.pause_reading() if full else transport.resume_reading()

    def eof_received(self) -> bool:
        """Keep the other direction open until what came before the end is answered."""
        if self._protocol is not None:
            self._protocol.wire.feed(b"")
        return self._protocol is not None

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if self._protocol is not None:
            self._protocol.wire.feed(b"")


async def run_tcp(make: Callable[[], ModelSpecProtocol], host: str, port: int) -> int:
    """Serve one client over TCP; returns the exit code. Port 0 means any free one, told in the log."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[int] = loop.create_future()

    def ended(code: int) -> None:
        if not result.done():
            result.set_result(code)

    def start() -> ModelSpecProtocol | None:
        if not listener.is_serving():
            return None
        listener.close()
        return make()

    listener = await loop.create_server(lambda: _Connection(start, ended), host, port)
    log.warning("Listening on %s", listener.sockets[0].getsockname())
    return await result


async def run_ws(make: Callable[[], ModelSpecProtocol], host: str, port: int) -> int:
    """Serve any number of clients over WebSockets, until interrupted."""
    # An optional dependency, absent when types are checked.
    serve = import_module("websockets.asyncio.server").serve
    closed = import_module("websockets.exceptions").ConnectionClosed

    async def converse(socket: Any) -> None:
        protocol = make()
        outbox: asyncio.Queue[bytes] = asyncio.Queue()
        unread = 0

        def post(data: bytes) -> None:
            nonlocal unread
            unread += len(data)
            if unread <= MAX_UNREAD:
                outbox.put_nowait(data)
            elif not finished.done():
                log.error("The client does not read what it is sent")
                protocol.finish(1)

        finished = protocol.connect(post, framed=False)
        room = asyncio.Event()
        room.set()
        protocol.inbox.on_full = lambda full: room.clear() if full else room.set()

        async def send() -> None:
            nonlocal unread
            while True:
                data = await outbox.get()
                await socket.send(data.decode())
                unread -= len(data)

        async def receive() -> None:
            try:
                async for message in socket:
                    protocol.wire.receive(message)
                    await room.wait()
            except closed:
                pass
            finally:
                protocol.wire.feed(b"")

        tasks = [asyncio.ensure_future(send()), asyncio.ensure_future(receive())]
        await finished
        for task in tasks:
            task.cancel()

    async with serve(converse, host, port, max_size=MAX_BODY, origins=[None, _LOCAL_ORIGIN]) as listener:
        log.warning("Listening on %s", next(iter(listener.sockets)).getsockname())
        await listener.serve_forever()
    return 0

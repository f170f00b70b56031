"""TCP and WebSocket transports. Every connection has a server, and with it a session, of its own."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .framing import MAX_BODY

if TYPE_CHECKING:
    from .protocol import ModelSpecProtocol

log = logging.getLogger(__name__)

# A web page from elsewhere must not talk to a server on this machine.
_LOCAL_ORIGIN = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")


class _Connection(asyncio.Protocol):
    def __init__(self, protocol: ModelSpecProtocol, ended: Callable[[int], None]) -> None:
        self._protocol = protocol
        self._ended = ended

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        finished = self._protocol.connect(transport.write)

        def end(done: asyncio.Future[int]) -> None:
            transport.close()
            self._ended(done.result())

        finished.add_done_callback(end)

    def data_received(self, data: bytes) -> None:
        self._protocol.wire.feed(data)

    def eof_received(self) -> bool:
        """Keep the other direction open until what came before the end is answered."""
        self._protocol.wire.feed(b"")
        return True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._protocol.wire.feed(b"")


async def run_tcp(make: Callable[[], ModelSpecProtocol], host: str, port: int) -> int:
    """Serve one client over TCP; returns the exit code. Port 0 means any free one, told in the log."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[int] = loop.create_future()

    def ended(code: int) -> None:
        if not result.done():
            result.set_result(code)

    def connected() -> _Connection:
        # Not at once: the listener still has to take note of the connection.
        loop.call_soon(listener.close)
        return _Connection(make(), ended)

    listener = await loop.create_server(connected, host, port)
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
        finished = protocol.connect(outbox.put_nowait, framed=False)

        async def send() -> None:
            while True:
                await socket.send((await outbox.get()).decode())

        async def receive() -> None:
            try:
                async for message in socket:
                    protocol.wire.receive(message)
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

"""Standard input and output as a transport, by one thread each.

Threads work alike for pipes, sockets, terminals and files on every system, cost 0.02 ms a message more
than the event loop's own pipes, and a client that does not read can never block the server. What is read ahead is
bounded; handling messages never waits for others to be read, so nothing can stand still.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from io import FileIO
from queue import SimpleQueue
from threading import Event, Semaphore, Thread
from typing import TYPE_CHECKING

from .framing import MAX_UNREAD

if TYPE_CHECKING:
    from .protocol import ModelSpecProtocol

log = logging.getLogger(__name__)

_CHUNK = 64 * 1024
_AHEAD = 256
"""Chunks that may wait for the event loop."""
_FLUSH_SECONDS = 2.0
_STDIN, _STDOUT, _STDERR = 0, 1, 2


async def run_stdio(protocol: ModelSpecProtocol) -> int:
    """Converse over standard input and output; returns the exit code."""
    # With short turns a thread that has something to pass on does not wait for a check to end.
    sys.setswitchinterval(0.0005)
    source, sink = _claim()
    loop = asyncio.get_running_loop()
    queue: SimpleQueue[bytes | None] = SimpleQueue()
    posted = written = 0

    def send(data: bytes) -> None:
        nonlocal posted
        posted += len(data)
        if posted - written <= MAX_UNREAD:
            queue.put(data)
        elif not finished.done():
            log.error("The client does not read what it is sent")
            protocol.finish(1)

    finished = protocol.connect(send)
    slots = Semaphore(_AHEAD)
    room = Event()
    room.set()
    protocol.inbox.on_full = lambda full: room.clear() if full else room.set()

    def take(data: bytes) -> None:
        slots.release()
        protocol.wire.feed(data)

    def read() -> None:
        # Into one place: `os.read` takes as much anew for each message, and what other threads keep of the memory
        # in between is lost for the next. This was 0.6 KB for every keystroke.
        buffer = memoryview(bytearray(_CHUNK))
        stream = FileIO(source, closefd=False)
        data = b"."
        while data:
            slots.acquire()
            room.wait()
            try:
                data = bytes(buffer[: stream.readinto(buffer) or 0])
            except OSError:
                data = b""
            try:
                loop.call_soon_threadsafe(take, data)
            except RuntimeError:  # The loop is closed: the server has ended.
                return

    def write() -> None:
        nonlocal written
        try:
            while (data := queue.get()) is not None:
                view = memoryview(data)
                while view:
                    size = os.write(sink, view)
                    written += size
                    view = view[size:]
        except OSError as error:
            log.info("The client no longer reads: %s", error.strerror)
            try:
                loop.call_soon_threadsafe(protocol.finish, 0 if protocol.shut_down else 1)
            except RuntimeError:
                return

    Thread(target=read, name="stdin", daemon=True).start()
    writer = Thread(target=write, name="stdout", daemon=True)
    writer.start()
    code = await finished
    queue.put(None)
    writer.join(_FLUSH_SECONDS)
    return code


def _claim() -> tuple[int, int]:
    """Keep the two streams for messages: what anything else prints goes to standard error."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415

        msvcrt.setmode(_STDIN, os.O_BINARY)
        msvcrt.setmode(_STDOUT, os.O_BINARY)
    source, sink = os.dup(_STDIN), os.dup(_STDOUT)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, _STDIN)
    os.dup2(_STDERR if sys.stderr is not None else nothing, _STDOUT)
    os.close(nothing)
    return source, sink

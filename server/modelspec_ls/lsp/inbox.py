"""Messages that wait for their turn, and what waits until there are none."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from .messages import Incoming

_MOST_BYTES = 16 * 1024 * 1024
"""Messages that wait; beyond that no more are read until they are handled. Decoded they take ten times as much."""
_EACH = 256
"""What a message takes besides its own bytes."""


class Inbox:
    """Runs messages in the order they came, after everything that has arrived is read.

    Args:
        handle: runs one message.
        on_end: called after the last message, when the client has closed the connection.
    """

    def __init__(self, handle: Callable[[Incoming], None], on_end: Callable[[], None]) -> None:
        self.on_idle: Callable[[], bool] = lambda: False
        """Called when all messages are handled: work that only concerns the latest text. True means more of it."""
        self.on_full: Callable[[bool], None] = lambda _: None
        """Called with True when enough messages wait for now, and with False when there is room again."""
        self.count = 0
        """Messages that have come so far."""
        self._waiting = 0
        self._full = False
        self._handle = handle
        self._on_end = on_end
        self._queue: deque[Incoming | None] = deque()
        self._scheduled = False

    def put(self, incoming: Incoming | None) -> None:
        """Add a message; None is the end of them all."""
        self.count += 1
        self._queue.append(incoming)
        self._weigh(incoming, 1)
        self.wake()

    async def quiet(self, seconds: float) -> None:
        """Wait until nothing has come for so long."""
        before = -1
        while before != self.count:
            before = self.count
            await asyncio.sleep(seconds)

    def clear(self) -> None:
        """Drop what waits."""
        self._queue.clear()
        self._waiting = 0
        self._tell(full=False)

    def wake(self) -> None:
        """Have ``on_idle`` called once all messages that arrived are handled."""
        if not self._scheduled:
            self._scheduled = True
            # Twice: the loop puts input that is waiting already before the second call.
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, self._run)

    def _run(self) -> None:
        self._scheduled = False
        while self._queue:
            incoming = self._queue.popleft()
            self._weigh(incoming, -1)
            if incoming is None:
                self._on_end()
                return
            if incoming.answered:
                continue
            self._handle(incoming)
            if incoming.id is not None and self._queue:
                # Read on before the next request: it may have been cancelled meanwhile.
                self.wake()
                return
        if self.on_idle():
            self.wake()

    def _weigh(self, incoming: Incoming | None, sign: int) -> None:
        if incoming is not None:
            self._waiting += sign * (incoming.size + _EACH)
            if self._waiting > _MOST_BYTES:
                self._tell(full=True)
            elif self._waiting < _MOST_BYTES // 2:
                self._tell(full=False)

    def _tell(self, *, full: bool) -> None:
        if full != self._full:
            self._full = full
            self.on_full(full)

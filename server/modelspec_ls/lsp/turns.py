"""Long work in small turns, so that typing never waits for it."""

from __future__ import annotations

import asyncio
import time

_SECONDS = 0.006
"""How long one turn may last."""
_HOPS = 5
"""A message takes a few rounds of the loop from the wire to its answer: none of them may wait for another turn."""


class Turns:
    """Gives way to messages when a turn is over."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    async def over(self) -> bool:
        """Give way if it is time; whether it was."""
        if time.perf_counter() - self._since < _SECONDS:
            return False
        for _ in range(_HOPS):
            await asyncio.sleep(0)
        self._since = time.perf_counter()
        return True

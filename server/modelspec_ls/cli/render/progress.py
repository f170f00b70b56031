"""A line on the terminal while work takes long; nothing anywhere else."""

from __future__ import annotations

import sys
import time

_PATIENCE_SECONDS = 1.0
_EVERY_SECONDS = 0.1


class Progress:
    """Counts up to a total on standard error, once a second has passed and only where a person sees it."""

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._next = time.monotonic() + _PATIENCE_SECONDS
        self._shown = False
        self._visible = sys.stderr is not None and sys.stderr.isatty()

    def show(self, done: int, total: int) -> None:
        """Tell how much of all that is known by now is done; the line goes away at the end."""
        if not self._visible:
            return
        if done >= total:
            self.end()
        elif time.monotonic() >= self._next:
            self._next = time.monotonic() + _EVERY_SECONDS
            self._shown = True
            sys.stderr.write(f"\r{done:,} of {total:,} {self._noun} ({done / total:.0%})")
            sys.stderr.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False

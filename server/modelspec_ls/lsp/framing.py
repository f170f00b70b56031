"""Bytes to message bodies: the ``Content-Length`` framing, forgiving about what is not a message.

Every byte is looked at a bounded number of times, whatever comes: headers without end, and lengths that lie inside
bodies whose length was a lie.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import NamedTuple

log = logging.getLogger(__name__)

MAX_BODY = 64 * 1024 * 1024
"""Largest message that is read, in bytes."""
MAX_UNREAD = 256 * 1024 * 1024
"""Bytes that may wait for a client to read them; one that leaves more is taken for dead."""
_MAX_HEADER = 8 * 1024
_MAX_LINE = 128
"""Longest line that says a length."""
_LENGTH = re.compile(rb"Content-Length:[ \t]*(\d{1,18})[ \t]*\r?\n", re.IGNORECASE)
_OTHERS = re.compile(rb"(?:[\w-]+:[^\r\n]*\r?\n)*")
_END = re.compile(rb"\r?\n")
_BEGUN = re.compile(rb"[\w-]*(?:(?<=[\w-]):[^\r\n]*)?\r?\Z")


class TooLarge(NamedTuple):
    """A message that is skipped because of its size in bytes."""

    size: int


class _Header(NamedTuple):
    """Where a header stands, and the length that it says."""

    start: int
    end: int
    length: int


class Framer:
    """Collects bytes and gives out message bodies. Whatever is not part of a message is skipped."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._length: int | None = None
        self._suspect = 0
        """Bytes in front that a length took for its own and that are no message: others may lie there too."""
        self._skipped = 0

    def feed(self, data: bytes) -> Iterator[bytes | TooLarge]:
        """Take more bytes; yields each body that is complete, in order. One with another message inside is empty."""
        self._buffer += data
        while True:
            if self._length is None:
                found = _find(self._buffer, len(self._buffer))
                if isinstance(found, int):
                    self._skip(found)
                    return
                self._skip(found.start)
                if self._skipped:
                    log.warning("Skipped %d bytes that are not a message", self._skipped)
                    self._skipped = 0
                self._drop(found.end - found.start)
                if found.length > MAX_BODY:
                    # Its body is then skipped as bytes before the next header: JSON has no raw line breaks in strings.
                    yield TooLarge(found.length)
                    continue
                self._length = found.length
            if self._suspect:
                # Trying to read it first would read what is left once for each header inside.
                inner = _find(self._buffer, min(self._length, self._suspect))
                if isinstance(inner, _Header):
                    self._length = None
                    self._drop(inner.start)
                    yield b""
                    continue
                if self._length > self._suspect:
                    self._suspect = 0
            if len(self._buffer) < self._length:
                return
            body = bytes(self._buffer[: self._length])
            self._drop(self._length)
            self._length = None
            yield body

    def retry(self, body: bytes) -> None:
        """Give back a body that is not JSON: where its length was a lie, a whole message may begin inside."""
        found = _find(body, len(body))
        if isinstance(found, _Header):
            self._buffer[:0] = body[found.start :]
            self._suspect = len(body) - found.start

    def _skip(self, count: int) -> None:
        if count and not self._skipped:
            log.warning("Received what is not a message")
        self._skipped += count
        self._drop(count)

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._suspect = max(0, self._suspect - count)


def _find(data: bytes | bytearray, end: int) -> _Header | int:
    """The first header before ``end``; where there is none, how many bytes need not be looked at again."""
    at = 0
    while (found := _LENGTH.search(data, at, end)) is not None:
        limit = min(end, found.start() + _MAX_HEADER)
        others = _OTHERS.match(data, found.end(), limit)
        stop = others.end() if others else found.end()
        if last := _END.match(data, stop, limit):
            return _Header(found.start(), last.end(), int(found[1]))
        if not _BEGUN.match(data, stop, limit):
            # What says a length before this line would come upon the same line.
            at = stop
        elif limit == end:
            return found.start()
        else:
            at = max(found.end(), stop - _MAX_HEADER // 2)
    return max(at, end - _MAX_LINE)


def frame(body: bytes) -> bytes:
    """A body with its header, ready to send."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)

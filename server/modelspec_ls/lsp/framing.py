"""Bytes to message bodies: the ``Content-Length`` framing, forgiving about what is not a message."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import NamedTuple

log = logging.getLogger(__name__)

MAX_BODY = 64 * 1024 * 1024
"""Largest message that is read, in bytes."""
_MAX_HEADER = 8 * 1024
_HEADER = re.compile(rb"Content-Length:[ \t]*(\d{1,18})[ \t]*\r?\n(?:[\w-]+:[^\r\n]*\r?\n)*\r?\n", re.IGNORECASE)


class TooLarge(NamedTuple):
    """A message that is skipped because of its size in bytes."""

    size: int


class Framer:
    """Collects bytes and gives out message bodies. Whatever is not part of a message is skipped."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._length: int | None = None

    def feed(self, data: bytes) -> Iterator[bytes | TooLarge]:
        """Take more bytes; yields each body that is complete, in order."""
        self._buffer += data
        while True:
            if self._length is None:
                match = _HEADER.search(self._buffer)
                if match is None:
                    self._trim()
                    return
                if match.start():
                    log.warning("Skipped %d bytes that are not a message", match.start())
                length = int(match[1])
                del self._buffer[: match.end()]
                if length > MAX_BODY:
                    # Its body is then skipped as bytes before the next header: JSON has no raw line breaks in strings.
                    yield TooLarge(length)
                    continue
                self._length = length
            if len(self._buffer) < self._length:
                return
            body = bytes(self._buffer[: self._length])
            del self._buffer[: self._length]
            self._length = None
            yield body

    def retry(self, body: bytes) -> None:
        """Give back a body that is not JSON: where its length was a lie, a whole message may begin inside."""
        match = _HEADER.search(body)
        if match is not None:
            self._buffer[:0] = body[match.start() :]

    def _trim(self) -> None:
        if len(self._buffer) > _MAX_HEADER:
            log.warning("Skipped %d bytes that are not a message", len(self._buffer) - _MAX_HEADER // 2)
            del self._buffer[: -_MAX_HEADER // 2]


def frame(body: bytes) -> bytes:
    """A body with its header, ready to send."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)

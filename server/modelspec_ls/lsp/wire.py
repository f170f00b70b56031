"""JSON messages over bytes, both ways: what is not a message becomes an error for the protocol to answer."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from .framing import Framer, TooLarge, frame
from .messages import INVALID_REQUEST, PARSE_ERROR, Written

log = logging.getLogger(__name__)


class Wire:
    """One end of a connection.

    Args:
        on_message: takes each decoded message, and its size in bytes.
        on_fault: takes an error code and a text for what could not be decoded.
        on_end: called when the client has closed the connection.
    """

    def __init__(
        self, on_message: Callable[[Any, int], None], on_fault: Callable[[int, str], None], on_end: Callable[[], None]
    ) -> None:
        self._on_message = on_message
        self._on_fault = on_fault
        self._on_end = on_end
        self._framer = Framer()
        self._send: Callable[[bytes], None] = lambda _: None
        self._framed = True

    def connect(self, send: Callable[[bytes], None], *, framed: bool) -> None:
        """Say where messages go to, and whether they need headers."""
        self._send, self._framed = send, framed

    def feed(self, data: bytes) -> None:
        """Take bytes of a stream; none means its end."""
        if not data:
            self._on_end()
        for body in self._framer.feed(data):
            if isinstance(body, TooLarge):
                log.error("Skipped a message of %d bytes", body.size)
                self._on_fault(INVALID_REQUEST, f"A message of {body.size} bytes is too large")
            elif not self.receive(body):
                self._framer.retry(body)

    def receive(self, body: bytes | str) -> bool:
        """Take one message; returns whether it was JSON."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            log.error("Received a message that is not JSON: %s", type(error).__name__)  # noqa: TRY400
            self._on_fault(PARSE_ERROR, "The message is not JSON")
            return False
        self._on_message(message, len(body))
        return True

    def post(self, message: dict[str, Any]) -> None:
        """Send a message."""
        result = message.get("result")
        if isinstance(result, Written):
            start = _encoded({name: value for name, value in message.items() if name != "result"})
            text = f'{start[:-1]},"result":{result.text}}}'
        else:
            text = _encoded(message)
        body = text.encode()
        self._send(frame(body) if self._framed else body)


def _encoded(message: dict[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"))

"""What the product itself thinks of as a failure: it catches and logs it."""

import logging
from contextlib import contextmanager


class Trouble(logging.Handler):
    """Takes note of what the product itself thinks of as a failure."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if "failed" in record.getMessage() or record.exc_info:
            self.found.append(self.format(record))


@contextmanager
def no_trouble():
    """Fails where something inside was caught and logged."""
    handler = Trouble()
    logger = logging.getLogger("modelspec_ls")
    logger.addHandler(handler)
    logger.propagate, before = False, logger.propagate
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = before
    assert not handler.found, handler.found[0]

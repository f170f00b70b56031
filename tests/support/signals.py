"""Signals as a person at a terminal sends them."""

import contextlib
import signal


@contextlib.contextmanager
def interruptible():
    """Programs started meanwhile hear Ctrl-C, even where tests run in the background: a shell has those ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

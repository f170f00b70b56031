"""Watches the client's process, so that no server is left behind when it dies without a word."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable

log = logging.getLogger(__name__)

_EVERY_SECONDS = 2.0


def watch(pid: int, gone: Callable[[], None], every: float = _EVERY_SECONDS) -> None:
    """Call ``gone`` once the process has ended.

    A process that cannot be seen from the start, as from inside a container, is not watched. Nor is any
    on Windows, where signal 0 is not a question; there the end of standard input tells.
    """
    if sys.platform == "win32" or pid <= 0 or not _alive(pid):
        return
    # A parent that died but was not waited for still has a process id; its children have another parent.
    parent = os.getppid() == pid
    loop = asyncio.get_running_loop()

    def look() -> None:
        if _alive(pid) and (not parent or os.getppid() == pid):
            loop.call_later(every, look)
        else:
            log.warning("The client's process %d is gone", pid)
            gone()

    loop.call_later(every, look)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True

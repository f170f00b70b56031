"""``modelspec check --watch``: look again whenever something changed on disk."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator

from modelspec_ls.workspace.discover import SKIPPED, SUFFIXES

_EVERY_SECONDS = 0.5
_WATCHED = (*SUFFIXES, ".toml", ".gitignore", ".modelspecignore")


def changes(paths: Iterable[str], sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Yield at once, and again after every change of what the paths hold. It ends when it is interrupted."""
    paths = list(paths)
    last = None
    while True:
        now = _state(paths)
        if now != last:
            last = now
            yield
            continue  # What changed meanwhile is a change of its own.
        sleep(_EVERY_SECONDS)


def _state(paths: list[str]) -> dict[str, tuple[int, int]]:
    """Size and time of change, in ns, of all files that could matter."""
    found: dict[str, tuple[int, int]] = {}
    stack = list(paths)
    while stack:
        path = stack.pop()
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in SKIPPED:
                            stack.append(entry.path)
                    elif entry.name.lower().endswith(_WATCHED):
                        found[entry.path] = _stamp(entry.path)
        except NotADirectoryError:
            found[path] = _stamp(path)
        except OSError:
            continue
    return found


def _stamp(path: str) -> tuple[int, int]:
    """Size and time of change; of what is gone meanwhile, and of a link that leads nowhere, something else."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return -1, -1
    return status.st_size, status.st_mtime_ns

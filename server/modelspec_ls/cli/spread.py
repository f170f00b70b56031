"""Work on many files, spread over as many processes as there are processors."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any, TypeVar

T = TypeVar("T")
Range = tuple[int, int]
FEW = 100
"""Fewer files than this are not worth a second process."""


def default_jobs() -> int:
    """The number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def forks() -> bool:
    """Whether another process costs milliseconds: one that has to be started anew takes longer than most folders."""
    return sys.platform != "win32" and "fork" in multiprocessing.get_all_start_methods()


def aside(work: Callable[[], T]) -> Callable[[], T]:
    """Have something done by another process; what is returned waits for the result.

    Where there is no other process, or it fails, the work is done when its result is asked for.
    """
    if default_jobs() < 2 or not forks():
        return work
    here, there = multiprocessing.get_context("fork").Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_send, args=(work, there), daemon=True)
    process.start()
    there.close()

    def result() -> T:
        try:
            found: T = here.recv()
        except (EOFError, OSError):
            return work()
        finally:
            here.close()
            process.join()
        return found

    return result


def _send(work: Callable[[], object], to: Connection) -> None:
    gc.disable()
    # Whatever goes wrong here goes wrong there again, and is told there.
    with contextlib.suppress(Exception):
        to.send(work())
    # Nothing of what the parent has opened is this process's to end.
    os._exit(0)


def spread(work: Callable[[Range], T], count: int, *, jobs: int, chunk: int) -> Iterator[T]:
    """What ``work`` gives for each range of numbers below ``count``, in order.

    Args:
        work: called with ranges, in other processes if that pays; those see everything as it is now, and only what
            the call returns comes back.
        count: how many there are.
        jobs: processes to use at most.
        chunk: how many make a range.
    """
    global _work  # noqa: PLW0603  # What the processes inherit by being forked.
    ranges = [(at, min(at + chunk, count)) for at in range(0, count, chunk)]
    if jobs <= 1 or count < FEW or not forks():
        yield from map(work, ranges)
        return
    # The first ones are done here: what has to be loaded for them is then there for all.
    yield work(ranges[0])
    _work = work
    gc.freeze()
    with multiprocessing.get_context("fork").Pool(min(jobs, len(ranges)), gc.disable) as pool:
        yield from pool.imap(_called, ranges[1:])
    _work = None


_work: Callable[[Range], Any] | None = None


def _called(between: Range) -> Any:
    assert _work is not None
    return _work(between)

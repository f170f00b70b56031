"""Work on many files, spread over as many processes as there are processors."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain, islice
from multiprocessing.connection import Connection
from multiprocessing.pool import AsyncResult
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

S = TypeVar("S")
T = TypeVar("T")
Range = tuple[int, int]
_FEW = 3
"""Fewer items than this are done before another process is there."""
_MANY = 8
"""With fewer items there are no more processes than these."""
_BLOCK = 100
"""How many things another process hands over at once."""
_PATIENCE_SECONDS = 0.5
"""How often somebody looks whether the others are alive."""


def default_jobs() -> int:
    """The number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def forks() -> bool:
    """Whether another process costs milliseconds: one that has to be started anew takes longer than most folders."""
    return sys.platform != "win32" and "fork" in multiprocessing.get_all_start_methods()


def aside(work: Callable[[], Iterable[T]]) -> Iterator[T]:
    """Have things made by another process from now on; what is returned waits for each.

    Where there is no other process they are made when they are asked for. Where it ends too early, all are made again
    here: the caller may see some twice.
    """
    if default_jobs() < 2 or not forks():
        return iter(work())
    here, there = multiprocessing.get_context("fork").Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_send, args=(work, here, there), daemon=True)
    with _undisturbed():
        process.start()
    there.close()

    def received() -> Iterator[T]:
        try:
            while block := here.recv():
                yield from block
        except (EOFError, OSError):
            yield from work()
        finally:
            here.close()
            # It has sent all, or nobody wants the rest.
            process.kill()
            process.join()

    return received()


def _send(work: Callable[[], Iterable[object]], other: Connection, to: Connection) -> None:
    _begin()
    # While anybody could receive, sending waits; this process will not.
    other.close()
    ready: SimpleQueue[list[object] | None] = SimpleQueue()

    def send() -> None:
        try:
            while (block := ready.get()) is not None:
                to.send(block)
        except OSError:  # Whoever asked is gone.
            os._exit(0)

    # The next ones are made while nobody takes these yet.
    sender = Thread(target=send, daemon=True)
    sender.start()
    # Whatever goes wrong here goes wrong there again, and is told there.
    with contextlib.suppress(Exception):
        things = iter(work())
        while block := list(islice(things, _BLOCK)):
            ready.put(block)
        ready.put([])
    ready.put(None)
    sender.join()
    # Nothing of what the parent has opened is this process's to end.
    os._exit(0)


def ranges(count: int, *, first: int, size: int) -> Iterator[Range]:
    """Numbers below ``count`` in ranges of a size; the first is smaller, as others wait for it."""
    at = 0
    while at < count:
        end = min(count, at + (size if at else first))
        yield at, end
        at = end


def spread(work: Callable[[S], T], items: Iterable[S], *, jobs: int) -> Iterator[T]:
    """What ``work`` gives for each item, in order.

    Args:
        work: called in other processes if that pays; those see everything as it was when the first item was done, and
            only what the call returns comes back.
        items: asked for one after the other, while the first are worked on already.
        jobs: processes to use at most.
    """
    global _work  # noqa: PLW0603  # What the processes inherit by being forked.
    items = iter(items)
    # The first one is done here: what has to be loaded for it is then there for all.
    for item in islice(items, 1):
        yield work(item)
    early = list(islice(items, max(_FEW, min(jobs, _MANY))))
    if jobs <= 1 or len(early) < _FEW or not forks():
        yield from map(work, chain(early, items))
        return
    _work = work
    gc.freeze()
    others = set(multiprocessing.active_children())
    with _undisturbed():
        crowd = multiprocessing.get_context("fork").Pool(min(jobs, len(early)) if len(early) < _MANY else jobs, _begin)
    with crowd as pool:
        crew = set(multiprocessing.active_children()) - others
        pending: deque[tuple[S, AsyncResult[T]]] = deque()
        for item in chain(early, items):
            pending.append((item, pool.apply_async(_called, (item,))))
            while pending and pending[0][1].ready():
                yield pending.popleft()[1].get()
        while pending:
            item, result = pending.popleft()
            yield result.get() if _comes(result, crew) else work(item)
    _work = None


def _comes(result: AsyncResult[T], crew: Collection[BaseProcess]) -> bool:
    """Wait for a result. It never comes where the system has ended the process that had it, for want of memory."""
    while not result.ready():
        result.wait(_PATIENCE_SECONDS)
        if not result.ready() and not all(process.is_alive() for process in crew):
            return False
    return True


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Have an interruption wait: Python loses one that comes while a process is being forked."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """Be another process: one that frees nothing it was given, and that its parent ends when a person does."""
    gc.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


_work: Callable[[Any], Any] | None = None


def _called(item: object) -> Any:
    assert _work is not None
    return _work(item)

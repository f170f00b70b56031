"""CEL expressions, for those who install the extra ``policy``.

The only place that knows the library. It runs in a process of its own: its budget counts iterations, but a single one
may take any time and memory (texts that double), and native code cannot be stopped from within. The system counts the
other process's time and memory and ends it. Where nothing is evaluated no process is started.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import sys
import threading
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from attrs import frozen

from .limits import EXPRESSION_SECONDS, LONGEST_EXPRESSION

LIBRARY = "cel_expr_python"
VARIABLES = ("object", "labels", "params", "derived")
_START_SECONDS = 10.0
"""How long a slow machine may take to start the process."""
_PATIENCE_SECONDS = 5.0
"""How long an answer may take by the clock, where the system counts no processor time, or is very busy."""
_MOST_KEPT = 2_000


@frozen
class Problem:
    """Why an expression does not compile. ``at``: the character of it, from 0."""

    message: str
    at: int


@frozen
class Verdict:
    """What an expression says of a document. ``error``: why it says nothing."""

    holds: bool = True
    error: str = ""


@cache
def available() -> bool:
    """Whether the library is installed."""
    try:
        return find_spec(LIBRARY) is not None
    except (ImportError, ValueError):
        return False


_problems: dict[str, Problem | None] = {}


def problem_of(text: str) -> Problem | None:
    """What is wrong with an expression; None where it compiles to a condition, or nothing can be said."""
    if not available() or len(text) > LONGEST_EXPRESSION:
        return None
    if text not in _problems:
        if len(_problems) > _MOST_KEPT:
            _problems.clear()
        try:
            answer = _ask({"do": "compile", "text": text})
        except OSError as error:
            return Problem(f"{error}.", 0)
        if answer is None:
            _problems[text] = Problem("it takes too long. Make it simpler.", 0)
        elif "message" in answer:
            _problems[text] = Problem(str(answer["message"]), int(answer.get("at", 0)))
        else:
            _problems[text] = None
    return _problems[text]


def judge(texts: list[str], values: Mapping[str, Any]) -> list[Verdict]:
    """What expressions say of one document. ``values``: the variables. They share one allowance of time."""
    if not available():
        return [Verdict(error="the extra `policy` is not installed.")] * len(texts)
    try:
        answer = _ask({"do": "judge", "texts": texts, "values": values})
    except OSError as error:
        return [Verdict(error=f"{error}.")] * len(texts)
    if answer is None:
        late = f"it was stopped: expressions may take {EXPRESSION_SECONDS * 1000:.0f} ms for one document."
        return [Verdict(error=late)] * len(texts)
    return [Verdict(bool(row.get("holds", True)), str(row.get("error", ""))) for row in answer["rows"]]


class _Worker:
    """The other process. It ends with this one, or when its input does."""

    def __init__(self) -> None:
        import subprocess  # noqa: PLC0415  (only where there are expressions)

        script = Path(__file__).with_name("cel_worker.py")
        # Not the folder that the user works in: what lies there is not ours to run.
        here = Path.cwd()
        paths = (p for p in sys.path if p and Path(p) != here)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        self.owner = os.getpid()
        self.process = subprocess.Popen(  # noqa: S603  # Our own script, by our own Python.
            [sys.executable, str(script), str(EXPRESSION_SECONDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self.answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.ready = bool(self.line(_START_SECONDS))

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.answers.put(line)
        self.answers.put(b"")

    def line(self, seconds: float) -> bytes:
        """The next answer; empty where the process has ended or takes too long."""
        try:
            return self.answers.get(timeout=seconds)
        except queue.Empty:
            return b""

    def ask(self, line: bytes) -> bytes:
        """Send a question and wait for its answer."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(line + b"\n")
            self.process.stdin.flush()
        except OSError:
            return b""
        return self.line(_PATIENCE_SECONDS)

    def end(self) -> None:
        """Stop the process, and the thread that reads from it."""
        if self.owner != os.getpid():
            return
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(OSError):  # There may be a part of a question that nobody will read.
            self.process.stdin.close()
        self.reader.join(_PATIENCE_SECONDS)
        if not self.reader.is_alive():
            self.process.stdout.close()


_worker: _Worker | None = None
_lock = threading.Lock()


def _ask(question: Mapping[str, Any]) -> dict[str, Any] | None:
    """The answer; None where the process had to be stopped.

    Raises:
        OSError: no process can be started.
    """
    global _worker  # noqa: PLW0603  # One process for all documents: starting one takes as long as a thousand answers.
    line = json.dumps(question, default=str).encode()
    with _lock:
        if _worker is None or _worker.owner != os.getpid():
            try:
                _worker = _Worker()
            except (OSError, TypeError, ValueError):
                raise OSError(f"no process can be started for {LIBRARY}") from None
        if not _worker.ready:
            _worker.end()
            _worker = None
            raise OSError(f"{LIBRARY} cannot be started with this Python")
        answer = _worker.ask(line)
        if not answer:
            _worker.end()
            _worker = None
            return None
    found: dict[str, Any] = json.loads(answer)
    return found


def _stop() -> None:
    global _worker  # noqa: PLW0603
    if _worker is not None:
        _worker.end()
        _worker = None


def _before_fork() -> None:
    """Threads do not survive a fork, but what they hold locked does: there are none while this process is forked."""
    if _lock.acquire(blocking=False):
        try:
            _stop()
        finally:
            _lock.release()


atexit.register(_stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork)

"""A whole run said again, where nothing that it rests on is different: the usual case in a large repository."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from modelspec_ls.workspace.cache import Cache, digest
from modelspec_ls.workspace.checkpoints import unchanged
from modelspec_ls.workspace.files import read_bytes_digest

from .contents import Contents
from .inputs import key_of_path

_RUN = "run"


class Replay:
    """What one command line over some folders said last time. ``asked``: all that shapes its words."""

    def __init__(self, paths: Sequence[str], asked: str, contents: Contents) -> None:
        self._contents, self._asked = contents, asked
        self._cache = Cache.open("run", asked, *sorted(key_of_path(path) for path in paths))
        self._said: list[tuple[bool, str]] = []

    @property
    def known(self) -> bool:
        """Whether there was a last time."""
        return not self._cache.empty

    def again(self) -> int | None:
        """Say it again and return the exit status; None where something is different."""
        kept: Any = self._cache.get(_RUN, self._content())
        if not isinstance(kept, tuple):
            return None
        said, status, guests, checkpoints = kept
        if any(read_bytes_digest(key) != stamp for key, stamp in guests):
            return None
        if not all(unchanged(*checkpoint) for checkpoint in checkpoints):
            return None
        for error, text in said:
            (sys.stderr if error else sys.stdout).write(text)
        assert isinstance(status, int)
        return status

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Note what is said meanwhile."""
        out, err = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Tee(out, self._said, error=False), _Tee(err, self._said, error=True)
        try:
            yield
        finally:
            sys.stdout, sys.stderr = out, err

    def keep(self, status: int) -> None:
        """Keep what was said for the next run, unless a file holds a credential or any new one may matter."""
        if self._contents.secret or self._contents.looked_around:
            return
        guests = tuple(self._contents.guests.items())
        said = tuple(_joined(self._said))
        self._cache.put(_RUN, self._content(), (said, status, guests, tuple(dict.fromkeys(self._contents.checkpoints))))
        self._cache.save()

    def _content(self) -> bytes:
        """All that the words rest on, as far as it was looked at."""
        return digest(self._asked, os.getcwd(), self._contents.whole())  # noqa: PTH109


def _joined(said: list[tuple[bool, str]]) -> Iterator[tuple[bool, str]]:
    """Runs of text for the same stream as one."""
    at = 0
    while at < len(said):
        end = at
        while end < len(said) and said[end][0] == said[at][0]:
            end += 1
        yield said[at][0], "".join(text for _, text in said[at:end])
        at = end


class _Tee(io.TextIOBase):
    """A stream that also notes what is written."""

    def __init__(self, stream: TextIO, said: list[tuple[bool, str]], *, error: bool) -> None:
        self._stream, self._said, self._error = stream, said, error

    def write(self, text: str) -> int:
        # Click asks by writing bytes whether a stream takes them; a stream of text refuses.
        count = self._stream.write(text)
        self._said.append((self._error, text))
        return count

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        return self._stream.errors

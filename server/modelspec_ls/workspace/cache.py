"""What was worked out of files, kept on disk between runs, by the content that it rests on.

A cache is never believed: what it holds counts only for the very bytes it was made from, by this very version of the
tool, and a file that is damaged, of another version or not ours to read is as good as none. It holds pickled values of
a few plain classes and of nothing else: reading it runs no code of others.
"""
# ruff: noqa: PTH100, PTH103, PTH118, PTH120

from __future__ import annotations

import contextlib
import io
import logging
import os
import pickle
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import blake2b
from importlib import import_module
from typing import Any

from attrs import define, field

import modelspec_ls

log = logging.getLogger(__name__)

_MAGIC = b"modelspec cache 1\n"
_DIGEST = 16
_CHUNK = 200
"""Entries that are written or read without a pause."""
_MOST_BYTES = 512 * 1024 * 1024
"""Largest cache that is read. Ten thousand specs take some 30 MB."""
_OLD_SECONDS = 30 * 24 * 3600
_MODULES = frozenset(
    f"modelspec_ls.{name}"
    for name in (
        "analysis",
        "core.finding",
        "core.text",
        "workspace.entries",
        "workspace.facts",
        "workspace.suppressions",
        "workspace.checkpoints",
        "workspace.cache",
    )
)
"""Modules whose classes may be in a cache."""


def digest(*parts: str | bytes) -> bytes:
    """A short name for content."""
    found = blake2b(digest_size=_DIGEST)
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        found.update(len(data).to_bytes(8, "little") + data)
    return found.digest()


@define
class Cache:
    """Values by key, each with the digest of what it rests on. ``path`` None: nothing is read or kept."""

    path: str | None
    _old: dict[str, tuple[bytes, Any]] = field(factory=dict)
    _new: dict[str, tuple[bytes, Any]] = field(factory=dict)
    _parts: list[bytes] = field(factory=list)
    """New entries that came ready to be written."""
    _written: set[str] = field(factory=set)

    @classmethod
    def open(cls, kind: str, *names: str) -> Cache:
        """The cache for some folders; an empty one where none can be read."""
        folder = folder_of_user()
        if folder is None:
            return cls(None)
        path = os.path.join(folder, f"{kind}-{digest(*names).hex()}.bin")
        return cls(path, _read(path))

    @property
    def empty(self) -> bool:
        """Whether an earlier run left nothing."""
        return not self._old

    def get(self, key: str, content: bytes) -> Any:
        """The value that rests on this very content, or None."""
        kept = self._old.get(key)
        if kept is None or kept[0] != content:
            return None
        self._new[key] = kept
        return kept[1]

    def put(self, key: str, content: bytes, value: Any) -> None:
        """Keep a value."""
        self._new[key] = (content, value)

    def put_all(self, part: bytes) -> dict[str, tuple[bytes, Any]]:
        """Keep entries that another process of ours has made ready by ``pack``; returns them."""
        found = unpack(part)
        self._parts.append(part)
        self._written.update(found)
        self._new.update(found)
        return found

    def take(self, parts: Iterable[bytes]) -> None:
        """Keep entries that are ready to be written, and that nobody asks for again in this run."""
        self._parts += parts

    def save(self) -> None:
        """Write what was asked for or put since it was opened; a disk that does not take it is no fault."""
        for _ in self.saving():
            pass

    def saving(self) -> Iterator[None]:
        """The same in small steps, for a caller that must not wait."""
        if self.path is None or (self._new.keys() == self._old.keys() and self._same()):
            return
        parts = list(self._parts)
        entries = [entry for entry in self._new.items() if entry[0] not in self._written]
        for at in range(0, len(entries), _CHUNK):
            parts.append(pack(dict(entries[at : at + _CHUNK])))
            yield
        body = b"".join(parts)
        data = _MAGIC + fingerprint() + digest(body) + body
        yield
        try:
            folder = os.path.dirname(self.path)
            os.makedirs(folder, mode=0o700, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=folder, suffix=".tmp")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                os.replace(name, self.path)  # noqa: PTH105
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(name)  # noqa: PTH108
                raise
            _clean(folder)
        except OSError as error:
            log.info("The cache was not written: %s", error)

    def _same(self) -> bool:
        return not self._parts and all(self._old[key] is kept for key, kept in self._new.items())


def pack(entries: dict[str, tuple[bytes, Any]]) -> bytes:
    """Entries as they are written."""
    return pickle.dumps(entries, protocol=pickle.HIGHEST_PROTOCOL)


def unpack(part: bytes) -> dict[str, tuple[bytes, Any]]:
    """What ``pack`` of another process of ours has made ready, without keeping it."""
    found: dict[str, tuple[bytes, Any]] = pickle.loads(part)  # noqa: S301  # From our own process.
    return found


def folder_of_user() -> str | None:
    """Where caches of this user lie; None where the environment says that there shall be none."""
    if os.environ.get("MODELSPEC_CACHE", "").casefold() in {"0", "off", "no", "false"}:
        return None
    from platformdirs import user_cache_dir  # noqa: PLC0415

    return os.environ.get("MODELSPEC_CACHE") or user_cache_dir("modelspec", appauthor=False)


@cache
def fingerprint() -> bytes:
    """This very version of the tool: its number, and what its files look like."""
    parts = [modelspec_ls.__version__]
    top = os.path.dirname(os.path.abspath(modelspec_ls.__file__))
    for place in (top, os.path.join(os.path.dirname(os.path.dirname(top)), "schema")):
        for folder, below, names in os.walk(place):
            below[:] = [name for name in below if name != "__pycache__"]
            for name in sorted(names):
                status = os.stat(os.path.join(folder, name))  # noqa: PTH116
                parts.append(f"{folder}/{name} {status.st_size} {status.st_mtime_ns}")
    return digest(*sorted(parts))


def _read(path: str) -> dict[str, tuple[bytes, Any]]:
    found: dict[str, tuple[bytes, Any]] = {}
    try:
        with open(path, "rb", opener=_unhurried) as file:
            if not _own(os.fstat(file.fileno())):
                return {}
            data = file.read()
        head = len(_MAGIC) + 2 * _DIGEST
        body = data[head:]
        if data[:head] != _MAGIC + fingerprint() + digest(body):
            return {}
        stream = io.BytesIO(body)
        while stream.tell() < len(body):
            found.update(_Reader(stream).load())
    except OSError:
        return {}
    except Exception:  # noqa: BLE001  # Whatever is wrong with it, it is no cache.
        log.info("The cache %s is damaged and is made anew", path)
        return {}
    return found


def _unhurried(path: str, flags: int) -> int:
    """Open what may be a pipe: without waiting for somebody to write to it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))


def _own(status: os.stat_result) -> bool:
    """Whether a file is the user's own and of a size that a cache may have: others could make it take all memory."""
    own = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    return own and stat.S_ISREG(status.st_mode) and status.st_size <= _MOST_BYTES


class _Reader(pickle.Unpickler):
    """Knows the plain classes of our results and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if module in _MODULES and "." not in name:
            found = getattr(import_module(module), name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a cache")


def _clean(folder: str) -> None:
    """Remove caches that nobody has used for a month."""
    limit = time.time() - _OLD_SECONDS
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith((".bin", ".tmp")) and entry.stat().st_mtime < limit:
                os.unlink(entry.path)  # noqa: PTH108

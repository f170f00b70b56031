"""Opening the files of a checkpoint: only regular files inside its folder, within limits, never raising."""
# ruff: noqa: PTH113, PTH118

from __future__ import annotations

import json
import os
import re
import stat
from collections import Counter
from typing import Any, BinaryIO, NoReturn

from attrs import frozen

from .files import FileFault, fault_of, read_head

MIB = 2**20
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
)
_SNAPSHOT = re.compile(r"(.*/models--[^/]+)/snapshots/[^/]+(?:/|$)")
_DIGITS = 20
_DEPTH = 64


@frozen
class CheckpointLimits:
    """Bounds on what is read of one checkpoint."""

    config_bytes: int = 4 * MIB
    """Largest config.json."""
    index_bytes: int = 32 * MIB
    """Largest index of shards."""
    header_bytes: int = 16 * MIB
    """Largest header of one safetensors file; never above 64 MiB."""
    total_header_bytes: int = 64 * MIB
    """All headers of one checkpoint together, GGUF metadata included."""
    files: int = 2_000
    """Most weight files."""
    entries: int = 20_000
    """Most entries of the folder."""
    tensors: int = 200_000
    """Most tensors of all files together."""
    items: int = 4_000_000
    """Most strings in the arrays of a GGUF header, which vocabularies are."""


@frozen
class CheckpointFault:
    """Why a checkpoint was not read: what was found, what was expected, what to do."""

    message: str


class Stop(Exception):
    """A fault on its way to the entrance; never leaves ``checkpoint``."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@frozen
class Root:
    """A folder that nothing outside of is read. ``real``: where links may lead, with all links resolved."""

    path: str
    real: str

    def join(self, name: str) -> str:
        """A file's path. The name must be one component: an index may not lead elsewhere."""
        if not name or name in {".", ".."} or any(c in name for c in ("/", "\\", "\0", ":")) or len(name) > 255:
            raise Stop(f"The index names the file {name[:80]!r}; only names of files beside it are followed.")
        return os.path.join(self.path, name)

    def exists(self, name: str) -> bool:
        """Whether the folder has such a file, or a link to one."""
        try:
            return os.path.isfile(self.join(name))
        except (OSError, ValueError):
            return False

    def lists(self, name: str) -> bool:
        """Whether the folder has such an entry, readable or not."""
        return os.path.lexists(self.join(name))


def root_of(folder: str) -> Root:
    """The folder; for a snapshot of a Hugging Face cache its links may lead to the blobs of the same repository."""
    real = _real(folder)
    cached = _SNAPSHOT.match(real)
    return Root(_slashes(folder), cached.group(1) if cached else real)


def open_inside(root: Root, name: str) -> tuple[BinaryIO, int]:
    """Open a regular file of the folder and say its size in bytes."""
    try:
        real = _real(root.join(name))
        if not real.startswith(root.real.rstrip("/") + "/"):
            raise Stop(f"`{name}` is a link that leads out of the folder; it is not followed. Copy the file instead.")
        # Says what stands in the way, and that it is no pipe or device, before anything is opened for long.
        if isinstance(head := read_head(real, 0), FileFault):
            raise Stop(f"`{name}`: {head.message}")
        # What is opened has no links left; a link or a pipe put there since is refused.
        file = os.fdopen(os.open(real, _FLAGS), "rb")
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            file.close()
            raise Stop(f"`{name}` is no regular file, and only those are opened.")
    except (OSError, ValueError) as error:
        raise Stop(f"`{name}`: {_reason(error)}") from None
    return file, status.st_size


def size_inside(root: Root, name: str) -> int:
    """The size of a regular file, in bytes."""
    file, size = open_inside(root, name)
    file.close()
    return size


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        return fault_of(error, "this file").message
    return "The path holds a NUL byte or cannot be encoded. Rename the file."


def _real(path: str) -> str:
    return _slashes(os.path.realpath(path))


def _slashes(path: str) -> str:
    return path.replace(os.sep, "/")


def json_inside(root: Root, name: str, limit: int, most: int | None = None) -> dict[str, Any]:
    """A JSON object of at most ``limit`` bytes. ``most``: keys that it may have, counted before it is parsed."""
    file, size = open_inside(root, name)
    with file:
        try:
            data = file.read(limit + 1)
        except OSError as error:
            raise Stop(f"`{name}`: {_reason(error)}") from None
    if max(size, len(data)) > limit:
        raise Stop(
            f"`{name}` has {size / MIB:.1f} MiB; at most {limit / MIB:g} MiB is read. Check that it is the right file."
        )
    if most is not None and (keys := data.count(b'":')) > most:
        raise Stop(f"`{name}` lists {keys:,} names; at most {most:,} are read. Check that it is the right file.")
    return parse(data, name, strict=False)


def parse(data: bytes, name: str, *, strict: bool) -> dict[str, Any]:
    """A JSON object. ``strict``: no key twice and no NaN, as safetensors asks."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        out = dict(found)
        if strict and len(out) != len(found):
            counts = Counter(key for key, _ in found)
            raise _Twice(next(key for key, count in counts.items() if count > 1)[:80])
        return out

    def refuse(word: str) -> NoReturn:
        raise ValueError(word)

    try:
        hooks = {"parse_constant": refuse} if strict else {}
        value = json.loads(data.decode("utf-8-sig"), object_pairs_hook=pairs, parse_int=_integer, **hooks)  # type: ignore[arg-type]
    except UnicodeDecodeError as error:
        raise Stop(
            f"`{name}` is not UTF-8 text: byte 0x{data[error.start]:02X} at {error.start}. Download it again."
        ) from None
    except _Twice as error:
        raise Stop(f"`{name}` has the key {str(error)!r} twice; each may stand once. Download it again.") from None
    except (ValueError, RecursionError) as error:
        what = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:120]
        raise Stop(f"`{name}` is not JSON as expected: {what}. Download it again.") from None
    if not isinstance(value, dict):
        raise Stop(f"`{name}` holds {_kind(value)} where a JSON object is expected. Check that it is the right file.")
    if _too_deep(value):
        raise Stop(f"`{name}` is nested more than {_DEPTH} deep. Check that it is the right file.")
    return value


class _Twice(Exception):
    """A key that stands twice."""


def _integer(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


def _kind(value: object) -> str:
    return {list: "a list", str: "a text", bool: "true or false", type(None): "null"}.get(type(value), "a number")


def _too_deep(value: object) -> bool:
    level: list[Any] = [value]
    for _ in range(_DEPTH):
        level = [c for v in level for c in (v.values() if isinstance(v, dict) else v) if isinstance(c, (dict, list))]
        if not level:
            return False
    return True

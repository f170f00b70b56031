"""Reading files: no other module opens a user's file. Only regular files are opened, so nothing can block."""
# ruff: noqa: PTH116

from __future__ import annotations

import codecs
import errno
import math
import os
import re
import stat
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from attrs import frozen

from modelspec_ls.core.config import Limits
from modelspec_ls.core.finding import Severity

# UTF-32 first: its little-endian mark starts with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
_LINE_END = re.compile(rb"\r\n|\r|\n")
_REASONS = {
    errno.EACCES: "No permission to read {it}. Grant read access, or leave {it} out.",
    errno.EPERM: "No permission to read {it}. Grant read access, or leave {it} out.",
    errno.ENOENT: "There is no such file: it was removed, or a link points to nothing. Check the path.",
    errno.ELOOP: "The link leads back to itself. Point it at a file.",
}


@frozen
class FileText:
    """A file's text. A UTF-8 byte order mark stays in it as U+FEFF; those of UTF-16 and UTF-32 do not."""

    text: str
    encoding: str = "utf-8"


@frozen
class FileFault:
    """Why a file or folder was not read: what was found, and what to do."""

    message: str
    severity: Severity = Severity.ERROR


def leads_away(path: str, base: str) -> bool:
    """Whether a path leads to a share of another machine than ``base`` does: merely asking for it is network traffic.

    Devices of Windows (``//./pipe``) count as other machines. Both may have either sort of slash.
    """
    host = _host(path) if path.startswith(("/", "\\")) else ""
    return bool(host) and host != _host(base)


def _host(path: str) -> str:
    path = path.replace("\\", "/")
    return path[2:].partition("/")[0].casefold() or "?" if path.startswith("//") else ""


def is_there(path: str | os.PathLike[str]) -> bool:
    """Whether anything stands at a path, a link that leads nowhere included."""
    return os.path.lexists(path)


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether a folder stands at a path. Never raises: of what the system lets nobody look at, it is not known."""
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False


def read_text(path: str | os.PathLike[str], limits: Limits) -> FileText | FileFault:
    """Read one regular file of at most ``limits.max_file_bytes``. Never raises and never blocks."""
    head = read_head(path, limits.max_file_bytes)
    return head if isinstance(head, FileFault) else decode(*head, limits.max_file_bytes)


def read_bytes_digest(path: str, limit: int = Limits().max_file_bytes) -> bytes:
    """A name for what stands at a path: its content, or that there is a folder, nothing, or something unreadable."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return b"nothing"
    if stat.S_ISDIR(mode):
        return b"a folder"
    head = read_head(path, limit)
    return b"unreadable" if isinstance(head, FileFault) else blake2b(head[0], digest_size=16).digest()


def read_stream(stream: BinaryIO, limits: Limits) -> FileText | FileFault:
    """Read standard input to its end, under the same rules as a file."""
    data = stream.read(limits.max_file_bytes + 1)
    return decode(data, len(data), limits.max_file_bytes)


def read_head(path: str | os.PathLike[str], limit: int) -> tuple[bytes, int] | FileFault:
    """The first ``limit`` bytes of a regular file, and its size in bytes."""
    try:
        # Opening a pipe or a device may wait or do harm, so its kind is looked at before and, for races, after.
        if fault := _not_a_file(os.stat(path).st_mode):
            return fault
        handle = os.open(path, _OPEN_FLAGS)
        try:
            status = os.fstat(handle)
            if fault := _not_a_file(status.st_mode):
                return fault
            data = _read(handle, min(status.st_size, limit) + 1, limit + 1)
            return data[:limit], max(status.st_size, len(data))
        finally:
            os.close(handle)
    except OSError as error:
        return fault_of(error, "this file")
    except ValueError:
        return FileFault("No file has such a name: it holds a NUL or half a character. Check the path.")


def _read(handle: int, first: int, most: int) -> bytes:
    """What is left of a file, up to ``most`` bytes. ``first``: how many to ask for first; a file may have grown."""
    # Not by a file object: reading "at most ten megabytes" makes room for ten megabytes first.
    data = os.read(handle, first)
    while data and len(data) < most and (more := os.read(handle, min(most - len(data), 1 << 16))):
        data += more
    return data


def _not_a_file(mode: int) -> FileFault | None:
    if stat.S_ISREG(mode):
        return None
    if stat.S_ISDIR(mode):
        return FileFault("This is a folder, not a file. Name a file in it.")
    kind = "named pipe" if stat.S_ISFIFO(mode) else "socket" if stat.S_ISSOCK(mode) else "device"
    return FileFault(f"This is a {kind}, not a file, and is never opened. Save its content to a file.")


def fault_of(error: OSError, it: str) -> FileFault:
    """What a refusal of the system means for the user; ``it`` names the thing that was to be read."""
    reason = _REASONS.get(error.errno or 0)
    if reason is None:
        return FileFault(f"The system cannot read {it}: {error.strerror or error}.")
    return FileFault(reason.format(it=it))


def decode(data: bytes, size: int, limit: int) -> FileText | FileFault:
    """The text of a file's first ``limit`` bytes; ``size`` is the whole file's, in bytes."""
    if size > limit:
        sizes = f"{math.ceil(size / 2**20 * 100) / 100:g} MiB; at most {limit / 2**20:g} MiB is read"
        return FileFault(f"The file has {sizes}. Split it into smaller files.")
    encoding, start = encoding_of(data)
    if encoding == "utf-8" and (at := data.find(b"\0")) >= 0:
        place = f"a NUL byte at offset {at} (line {_line(data, at)})"
        return FileFault(f"This is a binary file, or text in UTF-16 without a mark: {place}. Save it as UTF-8.")
    try:
        return FileText(data[start:].decode(encoding), encoding)
    except UnicodeDecodeError as error:
        at = start + error.start
        where = f"at offset {at} (line {_line(data, at)})" if encoding == "utf-8" else f"at offset {at}"
        name = encoding[:6].upper().rstrip("-")
        return FileFault(f"The byte 0x{data[at]:02X} {where} is not {name} text. Save the file as UTF-8.")


def encoding_of(data: bytes) -> tuple[str, int]:
    """The encoding and the number of bytes in front of the text."""
    return next(((name, len(mark)) for mark, name in _MARKS if data.startswith(mark)), ("utf-8", 0))


def _line(data: bytes, at: int) -> int:
    return len(_LINE_END.findall(data, 0, at)) + 1

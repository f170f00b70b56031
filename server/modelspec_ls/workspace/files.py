"""Finding and reading files: no other module opens a user's file.

Paths are strings as the user gave them, with forward slashes: on large folders ``Path`` objects
would take longer than the walk itself. Only regular files are ever opened, so nothing can block.
"""
# ruff: noqa: PTH100, PTH110, PTH112, PTH116, PTH120, PTH121

from __future__ import annotations

import codecs
import errno
import math
import os
import re
import stat
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from attrs import define, field, frozen

from modelspec_ls.core.config import Limits
from modelspec_ls.core.finding import Severity

from .kinds import claims, is_spec_name

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SUFFIXES = (".yaml", ".yml", ".json")
SKIPPED = frozenset({".git", "node_modules", ".venv", "__pycache__", ".tox", ".mypy_cache"})
IGNORE_FILES = (".gitignore", ".modelspecignore")

# UTF-32 first: its little-endian mark starts with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
_LINE_END = re.compile(rb"\r\n|\r|\n")
# Git's `a/**` leaves the folder `a` itself open, pathspec's does not; `a/*` means the same in both.
_ALL_BELOW = re.compile(r"/\*\*\s*$")
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


@frozen
class Found:
    """A file that may be ours, already read. ``claimed``: the user named it, so its name proves nothing."""

    path: str
    content: FileText | FileFault
    claimed: bool = False


def read_text(path: str | os.PathLike[str], limits: Limits) -> FileText | FileFault:
    """Read one regular file of at most ``limits.max_file_bytes``. Never raises and never blocks."""
    head = _head(path, limits.max_file_bytes)
    return head if isinstance(head, FileFault) else _decode(*head, limits.max_file_bytes)


def read_stream(stream: BinaryIO, limits: Limits) -> FileText | FileFault:
    """Read standard input to its end, under the same rules as a file."""
    data = stream.read(limits.max_file_bytes + 1)
    return _decode(data, len(data), limits.max_file_bytes)


def discover(paths: Iterable[str], limits: Limits) -> Iterator[Found]:
    """Yield the files named, and what looks like ModelSpec in the folders named; each file once.

    Named files come in the given order, files of a folder sorted by name before its subfolders.
    Linked folders come last, so that a file is reported under its real place where it has one.
    """
    paths = list(paths)
    search = _Search(limits, {_real(path) for path in paths if not os.path.isdir(path)})
    for path in paths:
        if os.path.isdir(path):
            yield from search.walk(_named_folder(path))
        elif search.is_new(_real(path)):
            yield Found(_slashes(path), read_text(path, limits), claimed=True)
    while search.links:
        yield from search.walk(search.links.popleft())


def _head(path: str | os.PathLike[str], limit: int) -> tuple[bytes, int] | FileFault:
    """The first ``limit`` bytes of a regular file, and its size in bytes."""
    try:
        # Opening a pipe or a device may wait or do harm, so its kind is looked at before and, for races, after.
        if fault := _not_a_file(os.stat(path).st_mode):
            return fault
        with os.fdopen(os.open(path, _OPEN_FLAGS), "rb") as file:
            status = os.fstat(file.fileno())
            if fault := _not_a_file(status.st_mode):
                return fault
            data = file.read(limit + 1)
            return data[:limit], max(status.st_size, len(data))
    except OSError as error:
        return _fault(error, "this file")


def _not_a_file(mode: int) -> FileFault | None:
    if stat.S_ISREG(mode):
        return None
    if stat.S_ISDIR(mode):
        return FileFault("This is a folder, not a file. Name a file in it.")
    kind = "named pipe" if stat.S_ISFIFO(mode) else "socket" if stat.S_ISSOCK(mode) else "device"
    return FileFault(f"This is a {kind}, not a file, and is never opened. Save its content to a file.")


def _fault(error: OSError, it: str) -> FileFault:
    reason = _REASONS.get(error.errno or 0)
    if reason is None:
        return FileFault(f"The system cannot read {it}: {error.strerror or error}.")
    return FileFault(reason.format(it=it))


def _decode(data: bytes, size: int, limit: int) -> FileText | FileFault:
    if size > limit:
        sizes = f"{math.ceil(size / 2**20 * 100) / 100:g} MiB; at most {limit / 2**20:g} MiB is read"
        return FileFault(f"The file has {sizes}. Split it into smaller files.")
    encoding, start = _encoding(data)
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


def _encoding(data: bytes) -> tuple[str, int]:
    """The encoding and the number of bytes in front of the text."""
    return next(((name, len(mark)) for mark, name in _MARKS if data.startswith(mark)), ("utf-8", 0))


def _line(data: bytes, at: int) -> int:
    return len(_LINE_END.findall(data, 0, at)) + 1


@frozen
class _Ignores:
    """The ignore files of one folder, and those above it. A deeper file decides first."""

    base: str
    spec: GitIgnoreSpec
    above: _Ignores | None

    def cover(self, place: str, *, folder: bool) -> bool:
        """Whether an absolute path below ``base`` is ignored."""
        level: _Ignores | None = self
        while level is not None:
            verdict = level.spec.check_file(place[len(level.base) + 1 :] + "/" * folder).include
            if verdict is not None:
                return verdict
            level = level.above
        return False


@frozen
class _Folder:
    """A folder to walk: ``path`` as shown, ``place`` absolute as reached, ``real`` without links."""

    path: str
    place: str
    real: str
    ignores: _Ignores | None


@define
class _Search:
    """What one ``discover`` has seen so far."""

    limits: Limits
    named: set[str]
    links: deque[_Folder] = field(factory=deque)
    _seen: dict[str, list[str]] = field(factory=dict)

    def is_new(self, real: str) -> bool:
        """Whether a real path comes up for the first time, also where the file system ignores case."""
        twins = self._seen.setdefault(real.casefold(), [])
        if any(twin == real or _same(twin, real) for twin in twins):
            return False
        twins.append(real)
        return True

    def walk(self, top: _Folder) -> Iterator[Found]:
        """Yield what one folder holds, without recursion."""
        stack = [top]
        while stack:
            folder = stack.pop()
            if not self.is_new(folder.real):
                continue
            try:
                with os.scandir(folder.place) as listing:
                    entries = sorted(listing, key=lambda entry: entry.name)
            except OSError as error:
                yield Found(folder.path or ".", _fault(error, "this folder"))
                continue
            ignores = _ignores_in(folder.place, [e.name for e in entries], folder.ignores)
            below: list[_Folder] = []
            for entry in entries:
                path, place = f"{folder.path}{entry.name}", f"{folder.place.rstrip('/')}/{entry.name}"
                is_folder, linked = _is_folder(entry), _is_link(entry)
                if is_folder and entry.name in SKIPPED:
                    continue
                if not is_folder and not entry.name.lower().endswith(SUFFIXES):
                    continue
                if ignores is not None and ignores.cover(place, folder=is_folder):
                    continue
                real = _real(place) if linked else f"{folder.real.rstrip('/')}/{entry.name}"
                if not is_folder:
                    yield from self._candidate(path, place, real)
                elif not linked:
                    below.append(_Folder(path + "/", place, real, ignores))
                elif f"{folder.real}/".startswith(f"{real.rstrip('/')}/"):
                    yield Found(path, _loop(real))
                else:
                    self.links.append(_Folder(path + "/", place, real, ignores))
            stack += reversed(below)

    def _candidate(self, path: str, place: str, real: str) -> Iterator[Found]:
        claimed = real in self.named
        if claimed or is_spec_name(path):
            content: FileText | FileFault | None = read_text(place, self.limits)
        else:
            content = _read_if_claiming(place, self.limits)
        if content is not None and self.is_new(real):
            yield Found(path, content, claimed)


def _read_if_claiming(path: str, limits: Limits) -> FileText | FileFault | None:
    """Read a file of any other name if it says that it is a ModelSpec; what cannot be read says nothing."""
    head = _head(path, limits.max_file_bytes)
    if isinstance(head, FileFault):
        return None
    encoding, start = _encoding(head[0])
    if encoding == "utf-8":
        folded = head[0].lower()
        if b"modelspec" not in folded and b"piqc.ai" not in folded:
            return None
    return _decode(*head, limits.max_file_bytes) if claims(head[0][start:].decode(encoding, "replace")) else None


def _named_folder(path: str) -> _Folder:
    place = _slashes(os.path.abspath(path))
    shown = "" if path in {".", "./"} else _slashes(path).rstrip("/") + "/"
    parents = [place]
    while not os.path.exists(f"{parents[-1]}/.git") and os.path.dirname(parents[-1]) != parents[-1]:
        parents.append(os.path.dirname(parents[-1]))
    ignores: _Ignores | None = None
    if os.path.exists(f"{parents[-1]}/.git"):
        for parent in reversed(parents[1:]):
            ignores = _ignores_in(parent.rstrip("/"), (".git", *IGNORE_FILES), ignores)
    # A folder that the user names is wanted, whatever the files above it say.
    if ignores is not None and ignores.cover(place, folder=True):
        ignores = None
    return _Folder(shown, place, _real(path), ignores)


def _ignores_in(place: str, names: Sequence[str], above: _Ignores | None) -> _Ignores | None:
    """The ignore rules for what lies in a folder; a folder without ignore files adds none."""
    files = [name for name in IGNORE_FILES if name in names]
    if ".git" in names:
        files.insert(0, ".git/info/exclude")
    lines: list[str] = []
    for name in files:
        head = _head(f"{place}/{name}", Limits().max_file_bytes)
        if not isinstance(head, FileFault):
            lines += (_ALL_BELOW.sub("/*", line) for line in head[0].decode("utf-8-sig", "replace").splitlines())
    if not any(line.strip() for line in lines):
        return above
    from pathspec import GitIgnoreSpec  # noqa: PLC0415  # Costs 25 ms, and most runs name one file.

    try:
        spec = GitIgnoreSpec.from_lines(lines)
    except ValueError:
        spec = GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))
    return _Ignores(place, spec, above)


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _loop(real: str) -> FileFault:
    try:
        shown = _slashes(os.path.relpath(real))
    except ValueError:  # Another drive.
        shown = real
    return FileFault(f"This folder link leads back to `{shown}`; not entered.", Severity.INFORMATION)


def _slashes(path: str) -> str:
    return path.replace(os.sep, "/")


def _real(path: str) -> str:
    return _slashes(os.path.realpath(path))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_link(entry: os.DirEntry[str]) -> bool:
    # Junctions are links on Windows; Python knows them from 3.12 on.
    return entry.is_symlink() or bool(getattr(entry, "is_junction", bool)())


def _same(a: str, b: str) -> bool:
    try:
        return os.path.samefile(a, b)
    except OSError:
        return False

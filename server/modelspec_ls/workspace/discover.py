"""Finding files: the ones named, and what looks like ModelSpec in the folders named.

Paths are strings as the user gave them, with forward slashes: on large folders ``Path`` objects
would take longer than the walk itself.
"""
# ruff: noqa: PTH100, PTH110, PTH112, PTH120, PTH121

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator

from attrs import define, field, frozen

from modelspec_ls.core.config import Limits
from modelspec_ls.core.finding import Severity

from .files import FileFault, FileText, decode, encoding_of, fault_of, read_head, read_text
from .ignores import IGNORE_FILES, Ignores, ignores_in
from .kinds import SIGNS, claims, is_own_name

SUFFIXES = (".yaml", ".yml", ".json")
_LOCK = ".#"
"""Emacs puts a link of this name, which leads nowhere, beside a file that is being edited."""
_NO_SPEC = (
    "This link leads to a file of another name that does not say it is a ModelSpec, so it is not read. "
    "Name it to have it checked."
)
SKIPPED = frozenset({".git", "node_modules", ".venv", "__pycache__", ".tox", ".mypy_cache"})


@frozen
class Found:
    """A file that may be ours, already read. ``claimed``: the user named it, so its name proves nothing."""

    path: str
    content: FileText | FileFault
    claimed: bool = False


def discover(paths: Iterable[str], limits: Limits, *, below: bool = True) -> Iterator[Found]:
    """Yield the files named, and what looks like ModelSpec in the folders named; each file once.

    Named files come in the given order, files of a folder sorted by name before its subfolders.
    Links come last, so that a file is reported under its real place where it has one. What a link leads to is known
    by its own name or by what it says, not by the link's name. ``below``: whether folders in folders are entered.
    """
    paths = list(paths)
    search = _Search(limits, {_real(path) for path in paths if not os.path.isdir(path)}, below)
    for path in paths:
        if os.path.isdir(path):
            yield from search.walk(_named_folder(path))
        elif search.is_new(_real(path)):
            yield Found(_slashes(path), read_text(path, limits), claimed=True)
    while search.files or search.links:
        while search.files:
            yield from search.candidate(*search.files.popleft())
        if search.links:
            yield from search.walk(search.links.popleft())


@frozen
class _Folder:
    """A folder to walk: ``path`` as shown, ``place`` absolute as reached, ``real`` without links."""

    path: str
    place: str
    real: str
    ignores: Ignores | None


@define
class _Search:
    """What one ``discover`` has seen so far."""

    limits: Limits
    named: set[str]
    below: bool = True
    links: deque[_Folder] = field(factory=deque)
    """Linked folders."""
    files: deque[tuple[str, str, str]] = field(factory=deque)
    """Linked files: path, place, real place."""
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
                yield Found(folder.path or ".", fault_of(error, "this folder"))
                continue
            ignores = ignores_in(folder.place, [e.name for e in entries], folder.ignores)
            below: list[_Folder] = []
            for entry in entries:
                path, place = f"{folder.path}{entry.name}", f"{folder.place.rstrip('/')}/{entry.name}"
                is_folder, linked = _is_folder(entry), _is_link(entry)
                if is_folder and (not self.below or entry.name in SKIPPED):
                    continue
                if not is_folder and not entry.name.lower().endswith(SUFFIXES):
                    continue
                if entry.name.startswith(_LOCK):
                    continue
                if ignores is not None and ignores.cover(place, folder=is_folder):
                    continue
                real = _real(place) if linked else f"{folder.real.rstrip('/')}/{entry.name}"
                if not is_folder and linked:
                    self.files.append((path, place, real))
                elif not is_folder:
                    yield from self.candidate(path, place, real)
                elif not linked:
                    below.append(_Folder(path + "/", place, real, ignores))
                elif f"{folder.real}/".startswith(f"{real.rstrip('/')}/"):
                    yield Found(path, _loop(real))
                else:
                    self.links.append(_Folder(path + "/", place, real, ignores))
            stack += reversed(below)

    def candidate(self, path: str, place: str, real: str) -> Iterator[Found]:
        """Yield a file if it looks like one of ours and comes up for the first time."""
        claimed = real in self.named
        if claimed:
            content: FileText | FileFault | None = read_text(place, self.limits)
        else:
            content = read_candidate(place, self.limits, real)
        if content is not None and self.is_new(real):
            yield Found(path, content, claimed)


def read_candidate(place: str, limits: Limits, real: str | None = None) -> FileText | FileFault | None:
    """What stands in a file that has a name of ours, or says that it is something of ours; None of any other."""
    return read_named(place, limits, real) if is_own_name(place) else _read_if_claiming(place, limits)


def _read_if_claiming(path: str, limits: Limits) -> FileText | FileFault | None:
    """Read a file of any other name if it says that it is something of ours; what cannot be read says nothing."""
    head = read_head(path, limits.max_file_bytes)
    if isinstance(head, FileFault):
        return None
    encoding, start = encoding_of(head[0])
    if encoding == "utf-8":
        folded = head[0].lower()
        if not any(sign in folded for sign in SIGNS):
            return None
    return decode(*head, limits.max_file_bytes) if claims(head[0][start:].decode(encoding, "replace")) else None


def read_named(place: str, limits: Limits, real: str | None = None) -> FileText | FileFault:
    """Read a file by its place. A link with the name of a spec makes none of another file.

    A message about that could show anything that the user can read. ``real``: the place without links, where known.
    """
    content = read_text(place, limits)
    if isinstance(content, FileText) and is_own_name(place) and not is_own_name(real or _real(place)):
        return content if claims(content.text) else FileFault(_NO_SPEC, Severity.INFORMATION)
    return content


def _named_folder(path: str) -> _Folder:
    place = _slashes(os.path.abspath(path))
    shown = "" if path in {".", "./"} else _slashes(path).rstrip("/") + "/"
    return _Folder(shown, place, _real(path), _ignores_above(place))


def _ignores_above(place: str) -> Ignores | None:
    """The rules that the folders above a named one give it."""
    parents = [place]
    while not os.path.exists(f"{parents[-1]}/.git") and os.path.dirname(parents[-1]) != parents[-1]:
        parents.append(os.path.dirname(parents[-1]))
    ignores: Ignores | None = None
    if os.path.exists(f"{parents[-1]}/.git"):
        for parent in reversed(parents[1:]):
            ignores = ignores_in(parent.rstrip("/"), (".git", *IGNORE_FILES), ignores)
    # A folder that the user names is wanted, whatever the files above it say.
    return None if ignores is not None and ignores.cover(place, folder=True) else ignores


def covers(root: str, place: str) -> bool:
    """Whether ``discover`` of a folder would come by a file below it: its name, and what the ignore files say.

    Both are absolute, with forward slashes.
    """
    root = root.rstrip("/")
    if not place.startswith(f"{root}/") or not place.lower().endswith(SUFFIXES):
        return False
    ignores, here = _ignores_above(root), root
    parts = place[len(root) + 1 :].split("/")
    for depth, part in enumerate(parts):
        ignores = ignores_in(here, (".git", *IGNORE_FILES), ignores)
        here = f"{here}/{part}"
        folder = depth < len(parts) - 1
        if (folder and part in SKIPPED) or (ignores is not None and ignores.cover(here, folder=folder)):
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

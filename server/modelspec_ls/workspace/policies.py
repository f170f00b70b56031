"""Policy files of folders: which there are, what each says, what it extends. Immutable, as the scopes they serve."""
# Strings as everywhere in this package: absolute paths with forward slashes.
# ruff: noqa: PTH110, PTH112, PTH113

from __future__ import annotations

import logging
import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from modelspec_ls.core.config import Limits
from modelspec_ls.core.finding import Place
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.text import Mark
from modelspec_ls.syntax.data import to_data
from modelspec_ls.syntax.lookup import locate

from .cache import digest
from .document import Document
from .files import FileFault, read_text
from .kinds import FOLDER, POLICY_FILES, POLICY_FOLDER, POLICY_KIND, Standing, is_policy_name
from .references import key_of, uri_of

if TYPE_CHECKING:
    from modelspec_ls.policy.bundle import Group
    from modelspec_ls.policy.model import Policy

log = logging.getLogger(__name__)

_LARGEST = 50_000
"""Most values of one policy."""
_MOST_FILES = 200
"""Most policies of one folder that are read."""
_SUFFIXES = (".yaml", ".yml")
_PLACE = f"/{FOLDER}/{POLICY_FOLDER}"


@frozen
class PolicyFile:
    """What one file says. Two are equal where they tell the same."""

    path: str
    told: tuple[object, ...] = ()
    policies: tuple[tuple[int, Policy, Mapping[tuple[str | int, ...], Mark]], ...] = ()
    """The number of the document, the policy, and the marks of its rules."""
    stamp: bytes = b""
    """A name for the very text."""
    fault: str = ""
    """Why it cannot be read."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PolicyFile) and (self.path, self.told) == (other.path, other.told)

    def __hash__(self) -> int:
        return hash(self.path)

    @cached_property
    def extends(self) -> tuple[tuple[int, DocPath, str, str], ...]:
        """The number of the document, the place, what is written there, and the file that it means."""
        return tuple(
            (number, path, name, posixpath.normpath(posixpath.join(posixpath.dirname(self.path), name)))
            for number, policy, _ in self.policies
            for path, name in policy.extends
            if not refused(name)
        )


def refused(name: str) -> str:
    """Why a policy may not extend what it names; empty where it may."""
    if ":" in name or name.startswith(("/", "\\", "~", "$")):
        return "Only paths from this file's folder can be extended, such as `./base.modelspec-policy.yaml`."
    return "" if name.lower().endswith(_SUFFIXES) else "Only `.yaml` and `.yml` files can be extended."


def policy_file_of(document: Document) -> PolicyFile:
    """The policies of a text; kept with it."""
    kept: PolicyFile | None = document.memo.get("policies")
    if kept is None:
        kept = document.memo["policies"] = _read(document)
    return kept


def policy_at(document: Document, number: int) -> Policy | None:
    """The policy of one document of a text; None where it is too broken to be one."""
    return next((policy for n, policy, _ in policy_file_of(document).policies if n == number), None)


def _read(document: Document) -> PolicyFile:
    from modelspec_ls.policy.compile import compiled  # noqa: PLC0415  (only where there are policies)
    from modelspec_ls.schema.validate import validate  # noqa: PLC0415

    limits = Limits()
    found: list[tuple[int, Policy, Mapping[tuple[str | int, ...], Mark]]] = []
    told: list[object] = []
    for part, role in zip(document.tree.documents, document.roles, strict=True):
        if role.standing is not Standing.POLICY:
            continue
        data = to_data(part.root)
        broken = any(part.start <= repair.span.start <= part.end for repair in document.tree.repairs)
        if broken or data.size > _LARGEST or data.depth > limits.max_depth:
            told.append((part.number, "broken"))
            continue
        wrong = [problem.path for problem in validate(POLICY_KIND, data.value)]
        try:
            policy = compiled(data.value, wrong)
        except Exception:
            # What a policy holds must not take the tool with it.
            log.exception("a policy cannot be read: %s", document.uri)
            told.append((part.number, "broken"))
            continue
        marks = {
            rule.path: document.index.mark(locate(document.tree, Place(part.number, (*rule.path, "name"))))
            for rule in policy.rules
        }
        found.append((part.number, policy, marks))
        told.append((part.number, repr(data.value), tuple(marks.values())))
    return PolicyFile(key_of(document.uri), tuple(told), tuple(found), digest(document.text))


@frozen(eq=False)
class Shelf:
    """All policy files that were looked at. ``places``: files by the folder they hold for, or by what settings name."""

    files: Mapping[str, PolicyFile] = field(factory=dict)
    places: Mapping[str, tuple[str, ...]] = field(factory=dict)
    named: frozenset[str] = frozenset()
    """Those of the places that settings name."""
    _closures: dict[str, tuple[PolicyFile, ...]] = field(init=False, factory=dict, repr=False)

    # ------------------------------------------------------------------ reading
    def covering(self, folders: Iterable[str], named: Iterable[str], limits: Limits) -> Shelf:
        """This shelf with what folders hold and what settings name, where it was not looked at yet."""
        wanted = tuple(named)
        new = {f: tuple(dict.fromkeys((*_held(f), *self.places.get(f, ())))) for f in folders}
        new |= {name: _meant(name) for name in wanted if name not in self.named}
        new = {place: files for place, files in new.items() if files != self.places.get(place, ()) or place in wanted}
        if not new:
            return self
        shelf = evolve(self, places={**self.places, **new}, named=self.named.union(wanted))
        return shelf.loaded((path for files in new.values() for path in files), limits)

    def loaded(self, paths: Iterable[str], limits: Limits) -> Shelf:
        """With files, and what they extend, read from disk, where they were not yet."""
        from modelspec_ls.policy.limits import MOST_EXTENDED  # noqa: PLC0415

        files = dict(self.files)
        stack = list(paths)
        left = _MOST_FILES + MOST_EXTENDED
        while stack and left:
            path = stack.pop()
            if path not in files:
                left -= 1
                files[path] = _from_disk(path, limits)
            stack.extend(target for _, _, _, target in files[path].extends if target not in files)
        return self if files.keys() == self.files.keys() else evolve(self, files=files)

    def with_document(self, document: Document, limits: Limits) -> Shelf:
        """This shelf with a file as an open document has it; the same where it tells the same."""
        path = key_of(document.uri)
        if path not in self.files and not is_policy_name(document.uri):
            return self
        return self._with(policy_file_of(document), limits)

    def reread(self, path: str, limits: Limits) -> Shelf:
        """This shelf with a file, or what a folder holds, as it is on disk; the same where it tells the same."""
        if os.path.isfile(path):
            known = path in self.files or is_policy_name(path) or posixpath.dirname(path) in self.named
            return self._with(_from_disk(path, limits), limits) if known else self
        gone = [
            file for file in self.files if (file == path or file.startswith(f"{path}/")) and not os.path.exists(file)
        ]
        if not gone:
            return self
        files = {file: found for file, found in self.files.items() if file not in gone}
        # What others extend is missed there.
        wanted = {target for found in files.values() for _, _, _, target in found.extends}
        files |= {file: _from_disk(file, limits) for file in gone if file in wanted or file in self.named}
        places = {p: tuple(file for file in held if file not in gone) for p, held in self.places.items()}
        places |= {file: (file,) for file in gone if file in self.named}
        return evolve(self, files=files, places=places)

    def _with(self, file: PolicyFile, limits: Limits) -> Shelf:
        place = self._place(file.path)
        held = self.places.get(place, ()) if place is not None else ()
        listed = place is None or file.path in held
        if listed and self.files.get(file.path) == file:
            return self
        shelf = evolve(self, files={**self.files, file.path: file})
        if place is not None and not listed:
            shelf = evolve(shelf, places={**self.places, place: tuple(sorted((*held, file.path), key=_order))})
        return shelf.loaded([file.path], limits)

    def _place(self, path: str) -> str | None:
        """The place whose files a file is among; None for one that is only extended, or open by itself."""
        folder = posixpath.dirname(path)
        if folder in self.named:
            return folder
        if folder.endswith(_PLACE):
            return folder.removesuffix(_PLACE) or "/"
        return folder if posixpath.basename(path) in POLICY_FILES else None

    # ------------------------------------------------------------------ asking
    def roots(self, chain: Iterable[str], named: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """The files that hold for a folder, the weakest first, each with the folder its patterns start from.

        ``chain``: the folder and those above it, the nearest first.
        """
        if not self.files:
            return ()
        folders = tuple(chain)
        top = folders[-1] if folders else "/"
        found = [(path, top) for name in named for path in self.places.get(name, ())]
        found += [(path, folder) for folder in reversed(folders) for path in self.places.get(folder, ())]
        return tuple({path: (path, folder) for path, folder in reversed(found)}.values())[::-1]

    def closure(self, path: str) -> tuple[PolicyFile, ...]:
        """A file with all that it extends, the weakest first."""
        found = self._closures.get(path)
        if found is None:
            found = self._closures[path] = self._closed(path)
        return found

    def _closed(self, path: str) -> tuple[PolicyFile, ...]:
        from modelspec_ls.policy.limits import MOST_EXTENDED  # noqa: PLC0415

        out: dict[str, PolicyFile] = {}
        entered: set[str] = set()

        def enter(at: str, depth: int) -> None:
            file = self.files.get(at)
            if file is None or at in entered or depth > MOST_EXTENDED or len(entered) > MOST_EXTENDED:
                return
            entered.add(at)
            for _, _, _, target in file.extends:
                enter(target, depth + 1)
            out[at] = file

        enter(path, 0)
        return tuple(out.values())

    def group(self, path: str, folder: str) -> Group:
        """A file with all that it extends, ready to be put together with others."""
        from modelspec_ls.policy.bundle import Group, Source  # noqa: PLC0415

        return Group(
            tuple(
                Source(file.path, policy, marks, folder)
                for file in self.closure(path)
                for _, policy, marks in file.policies
            )
        )

    def faults(self, path: str) -> Iterator[tuple[int, DocPath, str]]:
        """What is wrong with what a file extends: the number of the document, the place, and the message."""
        file = self.files.get(path)
        for number, policy, _ in file.policies if file is not None else ():
            for place, name in policy.extends:
                if reason := refused(name):
                    yield number, place, f"`{name}` is not extended. {reason}"
        for number, place, name, target in file.extends if file is not None else ():
            found = self.files.get(target)
            if found is None or found.fault:
                yield number, place, f"`{name}` cannot be extended: {found.fault if found else 'too many files.'}"
            elif target == path or any(f.path == path for f in self.closure(target)):
                yield number, place, f"`{name}` extends this file in turn; take one of the two out."
            elif not found.policies:
                yield number, place, f"`{name}` holds no policy that can be read."


def _from_disk(path: str, limits: Limits) -> PolicyFile:
    content = read_text(path, limits)
    if isinstance(content, FileFault):
        return PolicyFile(path, ("fault", content.message), stamp=digest(content.message), fault=content.message)
    return policy_file_of(Document(uri_of(path), content.text))


def _held(folder: str) -> tuple[str, ...]:
    """The policy files of a folder, the weakest first."""
    top = folder.rstrip("/")
    own = [f"{top}/{name}" for name in POLICY_FILES if os.path.isfile(f"{top}/{name}")]
    return (*own, *_listed(f"{top}{_PLACE}"))


def _meant(name: str) -> tuple[str, ...]:
    """The files that settings name: one, or all of a folder."""
    return _listed(name) if os.path.isdir(name) else (name,)


def _listed(folder: str) -> tuple[str, ...]:
    try:
        with os.scandir(folder) as listing:
            names = sorted(e.name for e in listing if e.name.lower().endswith(_SUFFIXES))
    except OSError:
        return ()
    # Not by the entry: one whose link goes round would raise, and all others be lost with it.
    names = [name for name in names if os.path.isfile(f"{folder}/{name}")]
    return tuple(f"{folder}/{name}" for name in names[:_MOST_FILES])


def _order(path: str) -> tuple[bool, str]:
    return _PLACE in path, path

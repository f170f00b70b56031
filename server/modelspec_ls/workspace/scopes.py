"""What holds for the files of a folder: settings, and the rows that a workspace adds to the catalogue.

``Scopes.of`` is the one place that decides what applies to a file, for the editor and the command line alike:
``.modelspec`` in the file's own folder and in those above it, up to the folder that holds ``.git``. Without a
repository the search ends below the home folder or at the root of the file system. The nearest wins.
"""
# What reads rows loads the whole knowledge: not before a first file needs it.
# ruff: noqa: PLC0415, PTH100, PTH110, PTH111, PTH112, PTH120

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping
from functools import cached_property, reduce
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from modelspec_ls.core.config import Config, Limits
from modelspec_ls.core.words import fold

from .document import Document
from .files import FileText, read_text
from .kinds import CATALOGUE_FOLDERS, FOLDER, row_kind
from .references import key_of, uri_of

if TYPE_CHECKING:
    from modelspec_ls.knowledge.catalogue import BrokenRow, Catalogue
    from modelspec_ls.knowledge.types import Accelerator, Model

    from .rows import RowFile

_MOST_FILES = 2_000
"""Most files of one folder of rows that are read."""
_MOST_SCOPES = 64


@frozen(eq=False)
class Layer:
    """What one ``.modelspec`` folder holds. ``folder`` is the one that it stands in."""

    folder: str
    files: Mapping[str, RowFile]
    """By path, in order."""

    @cached_property
    def models(self) -> tuple[Model, ...]:
        """The models that count: of those with the same id the first."""
        rows = [row for file in self.files.values() for row in file.models]
        return tuple({row.id.lower(): row for row in reversed(rows)}.values())[::-1]

    @cached_property
    def accelerators(self) -> tuple[Accelerator, ...]:
        """The accelerators that count."""
        rows = [row for file in self.files.values() for row in file.accelerators]
        return tuple({row.id: row for row in reversed(rows)}.values())[::-1]

    @cached_property
    def _owners(self) -> Mapping[tuple[str, str], Model | Accelerator]:
        found: dict[tuple[str, str], Model | Accelerator] = {}
        for file in self.files.values():
            for model in file.models:
                for name in (model.id, *model.alternate_ids, *model.aliases):
                    found.setdefault(("Model", fold(name)), model)
            for card in file.accelerators:
                for name in (card.id, *card.aliases):
                    found.setdefault(("Accelerator", fold(name)), card)
        return found

    def owner(self, kind: str, name: str) -> Model | Accelerator | None:
        """The row that a name means: the first that has it. ``kind``: ``Model`` or ``Accelerator``."""
        return self._owners.get((kind, fold(name)))

    @property
    def broken(self) -> tuple[BrokenRow, ...]:
        """The rows that are not used."""
        return tuple(row for file in self.files.values() for row in file.broken)

    def with_file(self, file: RowFile) -> Layer:
        """This layer with one file's rows replaced; the same layer where they tell the same."""
        if self.files.get(file.path) == file:
            return self
        return evolve(self, files=dict(sorted({**self.files, file.path: file}.items())))

    def without(self, path: str) -> Layer:
        """This layer without a file."""
        if path not in self.files:
            return self
        return evolve(self, files={p: f for p, f in self.files.items() if p != path})


@frozen(eq=False)
class Scope:
    """What holds for the files of a folder. The same object as long as nothing of it changed."""

    config: Config = field(factory=Config)
    layers: tuple[Layer, ...] = ()
    """The nearest first."""

    @cached_property
    def catalogue(self) -> Catalogue:
        """The catalogue as files in this scope see it."""
        from modelspec_ls.knowledge.catalogue import BUILT_IN, Catalogue

        if not self.layers:
            return BUILT_IN
        return Catalogue(
            tuple(row for layer in self.layers for row in layer.models),
            tuple(row for layer in self.layers for row in layer.accelerators),
            tuple(row for layer in self.layers for row in layer.broken),
        )


@frozen(eq=False)
class Scopes:
    """The scopes of all folders that were looked at. Immutable."""

    layers: Mapping[str, Layer] = field(factory=dict)
    """By the folder that holds ``.modelspec``."""
    chains: Mapping[str, tuple[str, ...]] = field(factory=dict)
    """Of each folder that was looked at: itself and those above it that may hold something for its files."""
    # One object for the same config and layers; both are kept alive by the scope itself.
    _made: dict[tuple[int, ...], Scope] = field(factory=dict, repr=False, alias="made")

    def of(self, uri: str, config: Config) -> Scope:
        """What applies to a file. Of a folder that was not looked at nothing is known but the settings."""
        folder = _folder_of(uri)
        chain = self.chains.get(folder, ()) if folder is not None else ()
        layers = tuple(self.layers[f] for f in chain if f in self.layers)
        key = (id(config), *map(id, layers))
        found = self._made.get(key)
        if found is None:
            if len(self._made) >= _MOST_SCOPES:
                self._made.clear()
            found = self._made[key] = Scope(config, layers)
        return found

    def covering(self, uri: str, limits: Limits) -> Scopes:
        """These scopes with what applies to a file's folder read from disk, where it was not looked at yet."""
        folder = _folder_of(uri)
        if folder is None or folder in self.chains:
            return self
        # What holds above a folder is found once for all folders below it.
        chain = chain_of(folder)
        new = {place: chain[n:] for n, place in enumerate(chain) if place not in self.chains}
        read = {place: _read_layer(place, limits) for place in new}
        found = {place: layer for place, layer in read.items() if layer is not None}
        layers = {**self.layers, **found} if found else self.layers
        return evolve(self, layers=layers, chains={**self.chains, **new})

    def with_document(self, document: Document) -> Scopes:
        """These scopes with a file's rows as an open document has them; the same where they tell the same."""
        if row_kind(document.uri) is None:
            return self
        from .rows import rows_of

        return self._with(rows_of(document))

    def reread(self, uri: str, limits: Limits) -> Scopes:
        """These scopes with a file's rows as they are on disk; the same where they tell the same.

        A folder that is gone takes its rows along.
        """
        path, kind = key_of(uri), row_kind(uri)
        if not uri.startswith("file:"):
            return self
        if kind is None:
            below = [file for layer in self.layers.values() for file in layer.files if file.startswith(f"{path}/")]
            gone = [file for file in below if not os.path.exists(file)]
            return reduce(lambda scopes, file: scopes.reread(uri_of(file), limits), gone, self)
        if os.path.exists(path):
            return self._with(_read_file(path, kind, limits))
        layer = self.layers.get(_holder(path))
        return self._put(layer.without(path)) if layer is not None else self

    def _with(self, file: RowFile) -> Scopes:
        folder = _holder(file.path)
        return self._put(self.layers.get(folder, Layer(folder, {})).with_file(file))

    def _put(self, layer: Layer) -> Scopes:
        if self.layers.get(layer.folder) is layer:
            return self
        layers = {**self.layers, layer.folder: layer}
        current = {id(known) for known in layers.values()}
        made = {key: scope for key, scope in self._made.items() if current.issuperset(key[1:])}
        return evolve(self, layers=layers, made=made)


def layer_of(scope: Scope, document: Document) -> Layer:
    """The layer that a file of rows belongs to; one of its own where its folder was not looked at."""
    from .rows import rows_of

    file = rows_of(document)
    found = next((layer for layer in scope.layers if file.path in layer.files), None)
    return found or Layer(_holder(file.path), {file.path: file})


def chain_of(folder: str) -> tuple[str, ...]:
    """A folder and those above it that may hold something for its files, the nearest first."""
    home = _slashes(os.path.expanduser("~"))
    out = [folder]
    while not os.path.exists(f"{out[-1].rstrip('/')}/.git"):
        parent = _slashes(os.path.dirname(out[-1]))
        # The home folder holds what is a person's own, which no colleague and no CI has.
        if parent == out[-1] or (parent == home and not os.path.exists(f"{parent}/.git")):
            break
        out.append(parent)
    return tuple(out)


def own_folder(folder: str) -> str:
    """Where a folder's files look for rows of their own: the nearest ``.modelspec``, else one to be made there."""
    place = _slashes(os.path.abspath(folder))
    return next((f for f in chain_of(place) if os.path.isdir(f"{f}/{FOLDER}")), place)


def _read_layer(folder: str, limits: Limits) -> Layer | None:
    if not os.path.isdir(f"{folder.rstrip('/')}/{FOLDER}"):
        return None
    files = {path: _read_file(path, kind, limits) for path, kind in _row_files(folder)}
    return Layer(folder, dict(sorted(files.items())))


def _row_files(folder: str) -> Iterator[tuple[str, str]]:
    for name, kind in CATALOGUE_FOLDERS.items():
        place = f"{folder.rstrip('/')}/{FOLDER}/{name}"
        try:
            with os.scandir(place) as listing:
                names = sorted(entry.name for entry in listing)
        except OSError:
            continue
        paths = [f"{place}/{file}" for file in names if row_kind(f"{place}/{file}")]
        yield from ((path, kind) for path in paths[:_MOST_FILES])


def _read_file(path: str, kind: str, limits: Limits) -> RowFile:
    from .rows import rows_of, unreadable_rows

    content = read_text(path, limits)
    if not isinstance(content, FileText):
        return unreadable_rows(path, kind)
    return rows_of(Document(uri_of(path), content.text))


def _folder_of(uri: str) -> str | None:
    return posixpath.dirname(key_of(uri)) if uri.startswith("file:") else None


def _holder(path: str) -> str:
    """The folder that holds the ``.modelspec`` which a file of rows stands in."""
    return path.rpartition(f"/{FOLDER}/")[0] or "/"


def _slashes(path: str) -> str:
    return path.replace(os.sep, "/")

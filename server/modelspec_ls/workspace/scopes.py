"""What holds for the files of a folder: settings, and the rows that a workspace adds to the catalogue.

``Scopes.of`` is the one place that decides what applies to a file, for the editor and the command line alike:
``.modelspec`` and ``modelspec.toml`` in the file's own folder and in those above it, up to the folder that holds
``.git``. Without a repository the search ends below the home folder or at the root of the file system. The nearest
wins: rows one by one, a settings file as a whole.
"""
# What reads rows loads the whole knowledge: not before a first file needs it.
# ruff: noqa: PLC0415, PTH100, PTH110, PTH111, PTH112, PTH120

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, reduce
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from modelspec_ls.core.config import Config, Limits
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import fold

from .document import Document
from .files import FileText, read_text
from .kinds import CATALOGUE_FOLDERS, FOLDER, is_settings_name, row_kind
from .policies import PolicyFile, Shelf
from .references import key_of, uri_of
from .settings import SettingsFile, settings_in, settings_of

if TYPE_CHECKING:
    from modelspec_ls.knowledge.catalogue import BrokenRow, Catalogue
    from modelspec_ls.knowledge.types import Accelerator, Model
    from modelspec_ls.policy.bundle import Bundle, Group

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
    groups: tuple[Group, ...] = ()
    """The policies, the weakest first."""
    files: tuple[PolicyFile, ...] = ()
    """The files that they stand in, and for a policy file its own with those that it extends."""
    own: Group | None = None
    """Of a policy file: itself with what it extends."""
    faults: tuple[tuple[int, DocPath, str], ...] = ()
    """Of a policy file: what is wrong with what it extends."""

    @cached_property
    def policies(self) -> Bundle | None:
        """The policies put together; None where there are none."""
        if not self.groups:
            return None
        from modelspec_ls.policy.bundle import Bundle

        return Bundle(self.groups, self.catalogue, self.config.prices)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The catalogue as files in this scope see it."""
        from modelspec_ls.knowledge.catalogue import BUILT_IN, Catalogue

        config = self.config
        if not (self.layers or config.engines or config.environments):
            return BUILT_IN
        return Catalogue(
            tuple(row for layer in self.layers for row in layer.models),
            tuple(row for layer in self.layers for row in layer.accelerators),
            tuple(row for layer in self.layers for row in layer.broken),
            config.engines,
            config.environments,
        )


@frozen(eq=False)
class Scopes:
    """The scopes of all folders that were looked at. Immutable."""

    layers: Mapping[str, Layer] = field(factory=dict)
    """By the folder that holds ``.modelspec``."""
    chains: Mapping[str, tuple[str, ...]] = field(factory=dict)
    """Of each folder that was looked at: itself and those above it that may hold something for its files."""
    settings: Mapping[str, SettingsFile] = field(factory=dict)
    """By the folder that holds them."""
    shelf: Shelf = field(factory=Shelf)
    """All policy files that were looked at."""
    # One object for the same sources; they are kept alive by their entry, so that an id stays theirs.
    _configs: dict[tuple[int, ...], tuple[Config, tuple[object, ...]]] = field(
        factory=dict, repr=False, alias="configs"
    )
    _made: dict[tuple[object, ...], Scope] = field(factory=dict, repr=False, alias="made")

    def of(self, uri: str, config: Config) -> Scope:
        """What applies to a file. Of a folder that was not looked at nothing is known but ``config``."""
        chain = self._chain(uri) if self.settings or self.layers or self.shelf.places else ()
        here = self._config(uri, chain, config)
        if not (chain or self.shelf.files or here.catalogue or here.policies) and (id(here),) in self._made:
            return self._made[id(here),]  # As for most: nothing but what the user asks for.
        layers = tuple(self.layers[f] for f in dict.fromkeys((*chain, *here.catalogue)) if f in self.layers)
        key: tuple[object, ...] = (id(here), *map(id, layers))
        roots = self.shelf.roots(chain, here.policies)
        path = key_of(uri) if self.shelf.files else ""
        policy = path in self.shelf.files
        files: tuple[PolicyFile, ...] = ()
        if roots or policy:
            files = tuple(file for root, _ in roots for file in self.shelf.closure(root))
            own = self.shelf.closure(path) if policy else ()
            key = (*key, roots, *map(id, files), path if policy else "", *map(id, own))
        found = self._made.get(key)
        if found is None:
            if len(self._made) >= _MOST_SCOPES:
                self._made.clear()
            groups = tuple(self.shelf.group(root, folder) for root, folder in roots)
            found = Scope(here, layers, groups, files)
            if policy:
                own_group = self.shelf.group(path, posixpath.dirname(path))
                found = evolve(found, files=(*files, *own), own=own_group, faults=tuple(self.shelf.faults(path)))
            self._made[key] = found
        return found

    def _config(self, uri: str, chain: tuple[str, ...], config: Config) -> Config:
        """The settings for a file: the given ones, the nearest file's over them, then what the user asks for."""
        file = next((self.settings[f] for f in chain if f in self.settings), None)
        if file is None and config.asked is None:
            return config
        overrides = file.overriding(key_of(uri)) if file is not None else ()
        key = (id(config), id(file), *map(id, overrides))
        found = self._configs.get(key)
        if found is None:
            if len(self._configs) >= _MOST_SCOPES:
                self._configs.clear()
            here = file.over(config) if file is not None else config
            for override in overrides:
                here = here.under(override.settings)
            found = self._configs[key] = here.final(), (config, file, overrides)
        return found[0]

    def differs(self, before: Scopes) -> bool:
        """Whether anything that files may rest on is another, beyond folders that were looked at since."""
        return any(
            now is not then
            for now, then in (
                (self.layers, before.layers),
                (self.settings, before.settings),
                (self.shelf, before.shelf),
            )
        )

    def _chain(self, uri: str) -> tuple[str, ...]:
        folder = _folder_of(uri)
        return self.chains.get(folder, ()) if folder is not None else ()

    def settings_for(self, uri: str) -> SettingsFile | None:
        """The settings file that counts for a file."""
        return next((self.settings[f] for f in self._chain(uri) if f in self.settings), None)

    def covering(self, uri: str, config: Config) -> Scopes:
        """These scopes with what applies to a file's folder read from disk, where it was not looked at yet."""
        folder = _folder_of(uri)
        if folder is None or folder in self.chains:
            return self
        # What holds above a folder is found once for all folders below it.
        chain = chain_of(folder)
        new = {place: chain[n:] for n, place in enumerate(chain) if place not in self.chains}
        settings = {p: file for p in new if (file := settings_in(p, config.limits)) is not None}
        further = [f for file in settings.values() for f in file.over(config).catalogue]
        places = dict.fromkeys((*new, *further, *config.catalogue))
        read = {place: _read_layer(place, config.limits) for place in places if place not in self.layers}
        found = {place: layer for place, layer in read.items() if layer is not None}
        named = (*config.policies, *(p for file in settings.values() for p in file.over(config).policies))
        return evolve(
            self,
            shelf=self.shelf.covering(new, named, config.limits),
            layers={**self.layers, **found} if found else self.layers,
            settings={**self.settings, **settings} if settings else self.settings,
            chains={**self.chains, **new},
        )

    def with_settings(self, uri: str, text: str, limits: Limits) -> Scopes:
        """These scopes with a settings file as its text says; catalogue folders that it adds are read."""
        path = key_of(uri)
        folder = posixpath.dirname(path)
        old = self.settings.get(folder)
        if old is not None and old.path.endswith("/modelspec.toml") and not path.endswith("/modelspec.toml"):
            return self
        found = settings_of(path, text, limits)
        if found is None:
            return self.with_settings_of_disk(limits) if old is not None and old.path == path else self
        if old is not None and (old.toml, old.bases) == (found.toml, found.bases) and old.settings == found.settings:
            return self
        added = [f for f in found.over(Config()).catalogue if f not in self.layers]
        layers = {f: layer for f in added if (layer := _read_layer(f, limits)) is not None}
        shelf = self.shelf.covering((), found.over(Config()).policies, limits)
        return evolve(self, settings={**self.settings, folder: found}, layers={**self.layers, **layers}, shelf=shelf)

    def with_settings_of_disk(
        self, limits: Limits, catalogue: tuple[str, ...] = (), policies: tuple[str, ...] = ()
    ) -> Scopes:
        """These scopes with all settings files read again. ``catalogue``, ``policies``: what an editor's add."""
        places = dict.fromkeys(f for chain in self.chains.values() for f in chain)
        settings = {p: found for p in places if (found := settings_in(p, limits)) is not None}
        named = {f for file in settings.values() for f in file.over(Config()).catalogue}
        further = {*named, *catalogue} - self.layers.keys()
        layers = {f: layer for f in sorted(further) if (layer := _read_layer(f, limits)) is not None}
        more = {p: None for file in settings.values() for p in file.over(Config()).policies}
        shelf = self.shelf.covering((), (*policies, *more), limits)
        return evolve(self, settings=settings, layers={**self.layers, **layers}, shelf=shelf)

    def with_document(self, document: Document) -> Scopes:
        """These scopes with rows or settings as an open document has them; the same where they tell the same."""
        if document.is_settings:
            return self.with_settings(document.uri, document.text, Limits())
        if row_kind(document.uri) is None and document.uri.startswith("file:"):
            return self._with_shelf(self.shelf.with_document(document, Limits()))
        if row_kind(document.uri) is None:
            return self
        from .rows import rows_of

        return self._with(rows_of(document))

    def reread(self, uri: str, limits: Limits) -> Scopes:
        """These scopes with a file's rows or settings as they are on disk; the same where they tell the same.

        A folder that is gone takes its rows along.
        """
        path, kind = key_of(uri), row_kind(uri)
        if not uri.startswith("file:"):
            return self
        if path.endswith(".toml"):
            extended = {base.path for file in self.settings.values() for base in _all_bases(file)}
            known = is_settings_name(uri) or path in extended
            return self.with_settings_of_disk(limits) if known else self
        if kind is None:
            scopes = self._with_shelf(self.shelf.reread(path, limits))
            if scopes is not self:
                return scopes
            below = [file for layer in self.layers.values() for file in layer.files if file.startswith(f"{path}/")]
            gone = [file for file in below if not os.path.exists(file)]
            return reduce(lambda scopes, file: scopes.reread(uri_of(file), limits), gone, self)
        if os.path.exists(path):
            return self._with(_read_file(path, kind, limits))
        layer = self.layers.get(_holder(path))
        return self._put(layer.without(path)) if layer is not None else self

    def _with_shelf(self, shelf: Shelf) -> Scopes:
        return self if shelf is self.shelf else evolve(self, shelf=shelf)

    def _with(self, file: RowFile) -> Scopes:
        folder = _holder(file.path)
        return self._put(self.layers.get(folder, Layer(folder, {})).with_file(file))

    def _put(self, layer: Layer) -> Scopes:
        if self.layers.get(layer.folder) is layer:
            return self
        return evolve(self, layers={**self.layers, layer.folder: layer})


def _all_bases(file: SettingsFile) -> Iterator[SettingsFile]:
    for base in file.bases:
        yield base
        yield from _all_bases(base)


def layer_of(scope: Scope, document: Document) -> Layer:
    """The layer that a file of rows belongs to; one of its own where its folder was not looked at."""
    from .rows import rows_of

    file = rows_of(document)
    found = next((layer for layer in scope.layers if file.path in layer.files), None)
    return found or Layer(_holder(file.path), {file.path: file})


def chain_of(folder: str) -> tuple[str, ...]:
    """A folder and those above it that may hold something for its files, the nearest first."""
    out, home = [folder], _home()
    while (above := _above(out[-1], home)) is not None:
        out.append(above)
    return tuple(out)


def _above(folder: str, home: str) -> str | None:
    """The next folder of a chain; None where it ends."""
    if is_repository(folder):
        return None
    parent = _slashes(os.path.dirname(folder))
    # The home folder holds what is a person's own, which no colleague and no CI has.
    return None if parent == folder or (parent == home and not is_repository(parent)) else parent


def _home() -> str:
    return _slashes(os.path.expanduser("~"))


def is_repository(folder: str) -> bool:
    """Whether a folder holds ``.git``."""
    return os.path.exists(f"{folder.rstrip('/')}/.git")


def projects_of(keys: Iterable[str]) -> dict[str, str]:
    """Where ``/x.yaml`` starts in files, by their folders: see ``project_of``. Each folder above is looked at once."""
    known: dict[str, str] = {}
    home = _home()
    for folder in dict.fromkeys(map(posixpath.dirname, keys)):
        if not uri_of(folder).startswith("file:"):
            continue
        way: list[str] = []
        here: str | None = folder
        while here is not None and here not in known:
            way.append(here)
            here = _above(here, home)
        project = known[here] if here is not None else ""
        for place in reversed(way):
            own = not project and (is_repository(place) or settings_in(place, Limits()) is not None)
            known[place] = project = place if own else project
    return known


def project_of(folder: str) -> str:
    """The nearest folder with ``.git``; without a repository the highest with settings, else an empty text."""
    key = f"{folder.rstrip('/')}/x"
    return projects_of([key]).get(posixpath.dirname(key), "")


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

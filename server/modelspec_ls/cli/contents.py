"""What the result of each file of a run rests on, as digests, and all that surrounds the files."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import define, field

from modelspec_ls.core.config import Config
from modelspec_ls.workspace.cache import digest
from modelspec_ls.workspace.checkpoints import Query
from modelspec_ls.workspace.files import FileText, read_text
from modelspec_ls.workspace.graph import Graph
from modelspec_ls.workspace.references import uri_of
from modelspec_ls.workspace.scopes import Scope, projects_of
from modelspec_ls.workspace.snapshot import Snapshot

from .inputs import Input, roots_of

Checkpoint = tuple[Query, str | None, tuple[tuple[str, int, int], ...]]
"""Where a checkpoint was looked for, where it lay, and what its files looked like."""


@define
class Contents:
    """``around``: the scopes of all files noted. ``digests``: by file key. The rest is filled in by the run.

    ``guests``: files beyond those of the run that were looked at, by key with what they held.
    ``checkpoints``: what was looked for on disk.
    """

    around: Snapshot
    digests: dict[str, bytes] = field(factory=dict)
    settings: dict[str, bytes] = field(factory=dict)
    """Settings files that count for some file, each with the digest of its text."""
    guests: Mapping[str, bytes] = field(factory=dict)
    checkpoints: list[Checkpoint] = field(factory=list)
    looked_around: bool = False
    """A name was looked for beyond the paths: whatever appears there may answer to it."""
    secret: bool = False
    """Some file holds a credential: nothing of it is kept on disk."""
    _marks: dict[Scope, bytes] = field(factory=dict)
    _folders: set[str] = field(factory=set)

    @classmethod
    def under(cls, config: Config, paths: Sequence[str]) -> Contents:
        """Of no file yet; ``paths``: what the user named."""
        return cls(Snapshot(config=config, graph=Graph(roots=roots_of(paths))))

    def noting(self, sources: Iterable[Input]) -> Iterator[Input]:
        """Note files as they pass by."""
        for source in sources:
            self.note(source)
            yield source

    def note(self, source: Input) -> bytes:
        """Look at a file's surroundings; returns the digest of all that its result rests on."""
        document, mark = source.document, self._marks[self._scope(source.key)]
        if document is None:
            message = source.fault.message if source.fault else ""
            found = digest(message, source.path, mark)
        else:
            found = digest(document.text, f"{document.uri} {source.claimed}", mark)
        self.digests[source.key] = found
        return found

    def _scope(self, key: str) -> Scope:
        folder, uri = posixpath.dirname(key), uri_of(key)
        if folder not in self._folders:
            self._folders.add(folder)
            self.around = self.around.covering(uri)
        scope = self.around.scopes.of(uri, self.around.config)
        if scope not in self._marks:
            self._marks[scope] = _mark(scope)
            if (file := self.around.scopes.settings_for(uri)) is not None:
                text = read_text(file.path, self.around.config.limits)
                self.settings[file.path] = digest(text.text if isinstance(text, FileText) else text.message)
        return scope

    def whole(self) -> bytes:
        """A digest over everything that can be known without looking into any file for others."""
        projects = repr(sorted(projects_of(self.digests).items()))
        return digest(projects, *self.settings, *self.settings.values(), *self.digests, *self.digests.values())


def _mark(scope: Scope) -> bytes:
    """A name for what holds in a folder: the settings, the rows of its own catalogue, the policies."""
    rows = [(layer.folder, sorted(layer.files.items())) for layer in scope.layers]
    return digest(repr(scope.config), repr(rows), *_of_policies(scope))


def _of_policies(scope: Scope) -> Iterator[str | bytes]:
    """The policies, the day where one has exemptions, and whether expressions can be judged."""
    if not scope.files:
        return
    from modelspec_ls.policy import cel
    from modelspec_ls.rules import policies

    yield repr([(root.folder, root.path) for group in scope.groups for root in group.sources])
    yield from (file.stamp for file in scope.files)
    bundle = scope.policies
    yield policies.today().isoformat() if bundle is not None and bundle.dated else ""
    yield f"{cel.available()}"

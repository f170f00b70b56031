"""All files of a run, each examined by itself and then as part of the whole."""

from __future__ import annotations

import posixpath
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from attrs import evolve

from modelspec_ls.analysis import check_links, faults, hidden_links, link_together, placed, unreadable
from modelspec_ls.core.config import Limits
from modelspec_ls.core.finding import Diagnostic, Severity
from modelspec_ls.core.records import record
from modelspec_ls.rules.registry import all_rules
from modelspec_ls.workspace.cache import Cache, digest, pack
from modelspec_ls.workspace.discover import discover
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.facts import FileFacts, file_facts
from modelspec_ls.workspace.files import FileText, is_folder, read_bytes_digest
from modelspec_ls.workspace.graph import Graph, Node
from modelspec_ls.workspace.link import document_on_disk, link
from modelspec_ls.workspace.scopes import Scope, projects_of
from modelspec_ls.workspace.snapshot import Snapshot

from .configured import settings_findings
from .contents import Contents
from .examine import Seen, Tell, examine_all
from .inputs import Input, key_of_path, roots_of, uri_of


@record
class Checked:
    """A file with its findings. ``document`` is None for one that could not be read."""

    path: str
    document: Document | None
    diagnostics: tuple[Diagnostic, ...]
    judged: bool
    """Whether anything in the file was ours to judge."""
    failed: bool
    """Whether the file or folder should have been read and could not be."""
    suppressed: tuple[Diagnostic, ...] = ()
    """What the file asks not to be told."""
    words: Sequence[str] = ()
    """The words for each of ``diagnostics``, empty for one whose words are still to be found; none at all for none."""


class Gathered:
    """All files of a run, examined and linked with each other.

    Args:
        sources: the files, noted in ``contents`` by the time they come.
        paths: what the user named.
        contents: what surrounds them; learns what else was looked at.
        jobs: processes to use at most.
        cache: results of earlier runs.
        seen: told how many files are done.
        tell: finds words for the findings of one text by itself, for ``Checked.words``.
    """

    def __init__(
        self,
        sources: Iterable[Input],
        paths: Sequence[str],
        contents: Contents,
        *,
        jobs: int = 1,
        cache: Cache | None = None,
        seen: Seen = lambda _: None,
        tell: Tell = lambda *_: (),
    ) -> None:
        self.sources: list[Input] = []
        self._examined, self._words = examine_all(
            self._listed(sources), contents, jobs=jobs, cache=cache or Cache(None), seen=seen, tell=tell
        )
        self.around = contents.around
        facts = {key: found.facts for key, found in self._examined.items()}
        self._graph, contents.looked_around = _with_what_lies_around(facts, paths, self.around)
        if not contents.looked_around:
            contents.guests = {key: read_bytes_digest(key) for key in sorted(self._graph.files.keys() - facts.keys())}
        self.links = Links(self._graph, cache or Cache(None), contents)

    def _listed(self, sources: Iterable[Input]) -> Iterator[Input]:
        for source in sources:
            self.sources.append(source)
            yield source

    def settings(self) -> Iterator[Checked]:
        """What is wrong in settings files that hold for some file."""
        for path, text, faulty in settings_findings(self.sources, self.around):
            yield Checked(path, text, faulty, judged=True, failed=False)

    def some(self, start: int, end: int) -> Iterator[Checked]:
        """All findings of the files with these numbers, in order, those across files included."""
        scope = self.around.scope
        some = self.sources[start:end]
        self.links.prepare((s.key, scope(s.document.uri)) for s in some if s.document and self._judged(s))
        for source in some:
            document = source.document
            if source.fault is not None:
                failed = source.fault.severity is Severity.ERROR
                config = scope(uri_of(source.path)).config
                finding = unreadable(source.fault.message, source.fault.severity, config)
                yield Checked(source.path, None, (finding,) if finding else (), judged=True, failed=failed)
            elif document is not None:
                own = self._examined[source.key]
                here = scope(document.uri)
                linked, quiet = self.links.of(source.key, here) if own.judged else ((), ())
                found = placed(document, own.diagnostics, linked)
                hidden = placed(document, own.suppressed, quiet)
                ours = own.ours or bool(found)
                words = self._words.get(source.key, ())
                if words and linked:
                    known = dict(zip(map(id, own.diagnostics), words, strict=True))
                    words = [known.get(id(diagnostic), "") for diagnostic in found]
                yield Checked(source.path, document, found, judged=ours, failed=False, suppressed=hidden, words=words)

    def _judged(self, source: Input) -> bool:
        return self._examined[source.key].judged

    def all(self) -> Iterator[Checked]:
        """All findings of all files; what was worked out is kept for the next run."""
        yield from self.settings()
        yield from self.some(0, len(self.sources))
        self.links.keep(self.links.fresh())


_Pair = tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]


class Links:
    """Findings across files: from the cache where no file of all is another, else worked out."""

    def __init__(self, graph: Graph, cache: Cache, contents: Contents) -> None:
        self._graph, self._cache, self._secret = graph, cache, contents.secret
        # What was read beyond the files of the run, whether a path led there or a name was looked for.
        beyond = sorted((key, repr(facts)) for key, facts in graph.files.items() if key not in contents.digests)
        self._content = digest(
            repr((graph.roots, sorted(graph.projects.items()))),
            repr(beyond),
            *(v for _, v in sorted(contents.digests.items())),
        )
        self._found: dict[str, _Pair] = {}
        self._kept = cache.get(_LINKS, self._content) is True

    def prepare(self, files: Iterable[tuple[str, Scope]]) -> None:
        """Work out those of some files together, which takes less time than one by one."""
        if not self._kept:
            link_together(self._graph, files)

    def of(self, key: str, scope: Scope) -> _Pair:
        """Those of one file that are told, and those that it asks not to be told."""
        if self._kept:
            kept: _Pair = self._cache.get(f"{_LINKS} {key}", self._content) or ((), ())
            return kept
        found = check_links(self._graph, key, scope), hidden_links(self._graph, key, scope)
        if any(found):
            self._found[key] = found
        return found

    def fresh(self) -> bytes:
        """What was worked out since the last call, as a cache takes it."""
        found, self._found = self._found, {}
        return pack({f"{_LINKS} {key}": (self._content, pair) for key, pair in found.items()}) if found else b""

    def keep(self, *parts: bytes) -> None:
        """Keep what was worked out, here or elsewhere, for the next run, unless a file holds a credential."""
        if self._kept:
            # Others may have asked for it, in processes of their own.
            for key in self._graph.files:
                self._cache.get(f"{_LINKS} {key}", self._content)
        elif not self._secret:
            self._cache.put(_LINKS, self._content, value=True)
            self._cache.take(part for part in parts if part)


_LINKS = "links"
"""The name of all findings across files in a cache, and the start of each file's; no file's key looks like it."""


def load() -> None:
    """Load all that files are examined with."""
    all_rules()


def gathered(found: Mapping[str, FileFacts], paths: Sequence[str], around: Snapshot) -> Graph:
    """The graph of some files with all that they refer to."""
    return _with_what_lies_around(found, paths, around)[0]


def _with_what_lies_around(
    found: Mapping[str, FileFacts], paths: Sequence[str], around: Snapshot
) -> tuple[Graph, bool]:
    """The graph of some files with all that they refer to, and whether a name was looked for beyond the paths."""
    limits = around.config.limits
    folders = [key_of_path(path) for path in paths if is_folder(path)]
    graph = Graph(roots=roots_of(paths), projects=projects_of(found)).with_files(found)
    graph = link(graph, found, limits, most=len(found) + 10_000)
    places = _places_of_names(graph, folders, found)
    if places:
        others = {key: facts for key, facts in _facts_at(places, limits) if key not in found}
        graph = graph.with_projects(projects_of(others)).with_files(others)
        graph = link(graph, others, limits, most=len(others) + 10_000)
    # The faults of what was examined are known. Of all that lies around, few are referred to from here.
    beyond = [
        key
        for key, facts in graph.files.items()
        if key not in found and facts.specs and (facts.guest or any(by in found for by in graph.referrers(key)))
    ]
    documents = [(key, document_on_disk(key)) for key in beyond]
    faulty = {key: evolve(graph.files[key], faults=faults(document, around)) for key, document in documents if document}
    return graph.with_files(faulty), bool(places)


def _places_of_names(graph: Graph, folders: Sequence[str], found: Container[str]) -> dict[str, bool]:
    """Where names may lead that the files at hand do not answer for certain, each with whether to look below it too.

    That is the project of whoever refers by name; without one, the file's own folder: those below it have no end.
    """
    known = tuple(f"{folder.rstrip('/')}/" for folder in folders)
    places: dict[str, bool] = {}
    for key in _open_ended(graph, known):
        here = posixpath.dirname(key)
        project = graph.projects.get(here, "")
        ours = key in found or project in graph.roots
        if ours and here not in places and project not in places and not _is_certain(graph, key, known):
            places[project or here] = bool(project)
    return places


def _open_ended(graph: Graph, known: tuple[str, ...]) -> Iterator[str]:
    """The files that others may be named in beyond the folders that were read whole; usually none."""
    places = {folder: graph.projects.get(folder, "") for folder in dict.fromkeys(map(posixpath.dirname, graph.files))}
    closed = {folder for folder, project in places.items() if f"{project or folder}/".startswith(known)}
    return (
        (key for key in graph.files if posixpath.dirname(key) not in closed) if len(closed) < len(places) else iter(())
    )


def _is_certain(graph: Graph, key: str, known: tuple[str, ...]) -> bool:
    """Whether no file beyond those at hand could change where a file's references by name lead.

    What stands in the same folder that was read whole is nearest. An OpenModel gives way to a ModelSpec anywhere.
    """
    whole = tuple(folder for folder in known if key.startswith(folder))
    for spec in graph.files[key].parts:
        for edge in graph.edges(Node(key, spec.document)):
            ref, target = edge.reference.target, edge.target
            if ref.kind not in {"name", "model"}:
                continue
            if not whole or not target.key.startswith(whole):
                return False
            if ref.kind == "name" and graph.bearing(ref)[0][1].kind != "ModelSpec":
                return False
    return True


def _facts_at(places: Mapping[str, bool], limits: Limits) -> Iterator[tuple[str, FileFacts]]:
    deep = [place for place, below in places.items() if below]
    flat = [place for place, below in places.items() if not below]
    for found in (*discover(deep, limits), *discover(flat, limits, below=False)):
        if isinstance(found.content, FileText):
            key = key_of_path(found.path)
            facts = file_facts(Document(uri_of(found.path), found.content.text, key=key))
            if facts.linked:
                yield key, facts

"""All files of a run, each examined by itself and then as part of the whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import evolve, frozen

from modelspec_ls.analysis import check_links, faults, hidden_links, placed, unreadable
from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Diagnostic, Severity
from modelspec_ls.workspace.cache import Cache, digest
from modelspec_ls.workspace.discover import discover
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.facts import FileFacts, file_facts
from modelspec_ls.workspace.files import FileText
from modelspec_ls.workspace.graph import Graph
from modelspec_ls.workspace.link import document_on_disk, link, repository_of
from modelspec_ls.workspace.snapshot import Snapshot

from .configured import settings_findings
from .contents import Contents
from .examine import Seen, examine_all
from .inputs import Input, key_of_path, uri_of


@frozen
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


def checked(
    sources: Sequence[Input],
    paths: Sequence[str],
    contents: Contents,
    *,
    jobs: int = 1,
    cache: Cache | None = None,
    seen: Seen = lambda _: None,
) -> Iterator[Checked]:
    """All findings of files, in the given order, those across files included.

    Args:
        sources: the files.
        paths: what the user named.
        contents: what surrounds them; learns what else was looked at.
        jobs: processes to use at most.
        cache: results of earlier runs.
        seen: told how many files are done.
    """
    cache = cache or Cache(None)
    around, config = contents.around, contents.around.config
    examined = examine_all(sources, contents, jobs=jobs, cache=cache, seen=seen)
    graph = gathered({key: found.facts for key, found in examined.items()}, paths, around)
    contents.guests = tuple(sorted(key for key, facts in graph.files.items() if facts.guest))
    links = _Links(graph, cache, contents.digests)
    for path, text, faulty in settings_findings(sources, around):
        yield Checked(path, text, faulty, judged=True, failed=False)
    for source in sources:
        document = source.document
        if source.fault is not None:
            failed = source.fault.severity is Severity.ERROR
            finding = unreadable(source.fault.message, source.fault.severity, config)
            yield Checked(source.path, None, (finding,) if finding else (), judged=True, failed=failed)
        elif document is not None:
            own = examined[source.key]
            here = around.scope(document.uri).config
            linked, quiet = links.of(source.key, here) if own.judged else ((), ())
            found = placed(document, own.diagnostics, linked)
            hidden = placed(document, own.suppressed, quiet)
            ours = own.ours or bool(found)
            yield Checked(source.path, document, found, judged=ours, failed=False, suppressed=hidden)
    links.keep(secret=contents.secret)


_Pair = tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]


class _Links:
    """Findings across files: from the cache where no file of all is another, else worked out."""

    def __init__(self, graph: Graph, cache: Cache, contents: Mapping[str, bytes]) -> None:
        self._graph, self._cache = graph, cache
        guests = sorted((key, repr(facts)) for key, facts in graph.files.items() if facts.guest)
        self._content = digest(repr(graph.roots), repr(guests), *(v for _, v in sorted(contents.items())))
        self._found: dict[str, _Pair] = {}
        self._kept = cache.get(_LINKS, self._content)

    def of(self, key: str, config: Config) -> _Pair:
        """Those of one file that are told, and those that it asks not to be told."""
        if isinstance(self._kept, dict):
            kept: _Pair = self._kept.get(key, ((), ()))
            return kept
        found = check_links(self._graph, key, config), hidden_links(self._graph, key, config)
        if any(found):
            self._found[key] = found
        return found

    def keep(self, *, secret: bool) -> None:
        """Keep what was worked out for the next run, unless a file holds a credential."""
        if self._kept is None and not secret:
            self._cache.put(_LINKS, self._content, self._found)


_LINKS = "links"
"""The name of all findings across files in a cache; no file's key looks like it."""


def gathered(found: dict[str, FileFacts], paths: Sequence[str], around: Snapshot) -> Graph:
    """The graph of some files with all that they refer to."""
    config = around.config
    folders = [key_of_path(path) for path in paths if Path(path).is_dir()]
    files = [key_of_path(path) for path in paths if not Path(path).is_dir()]
    roots = [root for place in (*folders, *files) if (root := repository_of(place))]
    graph = Graph(roots=tuple(dict.fromkeys([*folders, *roots])), complete=not files).with_files(found)
    if not graph.complete:
        if _asks_for_names(graph):
            others = {k: f for k, f in _facts_below(graph.roots or (key_of_path("."),), config) if k not in found}
            graph = graph.with_files(others)
        graph = graph.completed(complete=True)
    graph = link(graph, found, config.limits, most=len(found) + 10_000)
    guests = [(key, document_on_disk(key)) for key, facts in graph.files.items() if facts.guest and facts.specs]
    return graph.with_files(
        {key: evolve(graph.files[key], faults=faults(document, around)) for key, document in guests if document}
    )


def _asks_for_names(graph: Graph) -> bool:
    """Whether a file that the user named refers to a spec by name, which may stand in any file around it."""
    return any(
        reference.target.kind == "name" and not graph.named(reference.target.text)
        for _, spec in graph.nodes()
        for reference in spec.references
    )


def _facts_below(folders: Iterable[str], config: Config) -> Iterator[tuple[str, FileFacts]]:
    for found in discover(folders, config.limits):
        if isinstance(found.content, FileText):
            key = key_of_path(found.path)
            facts = file_facts(Document(uri_of(found.path), found.content.text, key=key))
            if facts.specs:
                yield key, facts

"""All files of a run, each examined by itself and then as part of the whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from attrs import evolve, frozen

from modelspec_ls.analysis import Examined, check_links, examine, faults, placed, unreadable
from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Diagnostic, Severity
from modelspec_ls.workspace.discover import discover
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.facts import FileFacts, file_facts
from modelspec_ls.workspace.files import FileText
from modelspec_ls.workspace.graph import Graph
from modelspec_ls.workspace.link import document_on_disk, link, repository_of
from modelspec_ls.workspace.snapshot import Snapshot

from .inputs import Input, key_of_path, snapshot_of, uri_of


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


def checked(sources: Sequence[Input], paths: Sequence[str], config: Config) -> Iterator[Checked]:
    """All findings of files, in the given order, those across files included. ``paths``: what the user named."""
    around = Snapshot(config=config)
    examined: dict[str, Examined] = {}
    for source in sources:
        if source.document is not None:
            around = snapshot_of(source, around)
            examined[source.key] = examine(source.document, around)
    graph = gathered({key: found.facts for key, found in examined.items()}, paths, around)
    for source in sources:
        document = source.document
        if source.fault is not None:
            failed = source.fault.severity is Severity.ERROR
            finding = unreadable(source.fault.message, source.fault.severity, config)
            yield Checked(source.path, None, (finding,) if finding else (), judged=True, failed=failed)
        elif document is not None:
            own = examined[source.key]
            linked = check_links(graph, source.key, around.scope(document.uri).config) if own.judged else ()
            found = placed(document, own.diagnostics, linked)
            yield Checked(source.path, document, found, judged=own.ours or bool(found), failed=False)


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

"""Keeps the graph true to open documents and to the disk: the only disk access behind it."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from attrs import evolve

from modelspec_ls.core.config import Limits

from .discover import read_candidate, read_named
from .document import Document
from .facts import FileFacts, file_facts, hinting
from .files import FileFault, FileText, is_folder, is_there, leads_away
from .graph import Graph, Node
from .references import uri_of
from .scopes import projects_of

Judge = Callable[[Document], tuple[int, str]]
"""The number of errors in a text, and the message of the first."""

_MOST = 256
"""Most files that are looked at for one file's sake."""
_FEW = 100
"""So many files are asked one by one; of more, those that want something are looked up first."""


def settle(
    graph: Graph, changes: Mapping[str, Document | None], limits: Limits, covered: Callable[[str], bool]
) -> Graph:
    """The graph after some files changed.

    Args:
        graph: as it was.
        changes: by file key the open document, or None for a file as it lies on disk, or no longer does.
        limits: bounds on what is read.
        covered: whether a spec at a key belongs to the workspace: below its folders and not ignored.
    """
    graph = _placed(graph, changes)
    below = {mention for key in changes for mention in graph.mentions(key)}
    facts: dict[str, FileFacts | None] = {}
    for key, document in changes.items():
        if document is not None:
            facts[key] = _kept_faults(graph.files.get(key), file_facts(document))
            continue
        found = _seen(graph, key, limits)
        if found.linked and covered(key):
            facts[key] = evolve(found, guest=False)
        else:
            facts[key] = found if graph.referrers(key) else None
    graph = graph.with_files(facts)
    # What a link leads to may have come, or gone.
    graph = graph.with_files({by: _seen(graph, by, limits) for key in changes for by in graph.links_to(key)})
    graph = link(graph, changes, limits)
    return unlink(graph, [*changes, *below])


def _kept_faults(old: FileFacts | None, new: FileFacts) -> FileFacts:
    """The facts with the faults that were known last: those of the new text are not counted yet."""
    return new if old is None or not new.specs else evolve(new, faults=old.faults)


def judge_targets(graph: Graph, key: str, documents: Callable[[str], Document | None], judge: Judge) -> Graph:
    """The graph with the faults counted of a file that others refer to, and of every spec that it depends on."""
    found: dict[str, FileFacts | None] = {}
    facts = graph.files.get(key)
    own = documents(key)
    if facts is not None and facts.specs and own is not None and graph.referrers(key):
        found[key] = evolve(facts, faults=judge(own))
    for spec in facts.specs if facts else ():
        for edge in graph.edges(Node(key, spec.document)):
            target = graph.files.get(edge.target.key)
            if target is None or not target.specs or len(found) >= _MOST:
                continue
            document = documents(edge.target.key)
            if document is not None:
                found[edge.target.key] = evolve(target, faults=judge(document))
            elif target.faults is None and (read := document_on_disk(edge.target.key)) is not None:
                found[edge.target.key] = evolve(target, faults=judge(read))
    return graph.with_files(found)


def document_on_disk(key: str, limits: Limits = Limits()) -> Document | None:  # noqa: B008  # Immutable.
    """A file as a document; None where it cannot be read."""
    content = read_named(key, limits) if uri_of(key).startswith("file:") else None
    return Document(uri_of(key), content.text, key=key) if isinstance(content, FileText) else None


def fault_at(key: str, limits: Limits) -> FileFault | None:
    """Why a file of ours, by its name or its head, cannot be read; None where it can be, and where there is none."""
    if not is_there(key) or is_folder(key):
        return None
    content = read_candidate(key, limits)
    return content if isinstance(content, FileFault) else None


def look(key: str, limits: Limits) -> FileFacts:
    """What stands at a key on disk. Only regular files are opened."""
    return evolve(_look(key, uri_of(key), limits), guest=True)


def _seen(graph: Graph, key: str, limits: Limits) -> FileFacts:
    """The same; of a file that the graph knows by its real name only that a link leads there."""
    try:
        real = os.path.realpath(key).replace(os.sep, "/") if uri_of(key).startswith("file:") else key
    except (OSError, ValueError):  # No file has such a name.
        real = key
    known = graph.files.get(real) if real != key else None
    if known is not None and known.linked:
        return FileFacts(uri_of(key), "link", guest=True, real=real)
    return evolve(look(key, limits), real=real if real != key else "")


def _look(key: str, uri: str, limits: Limits) -> FileFacts:
    if not uri.startswith("file:"):
        return FileFacts(uri, "missing")
    try:
        mode = os.stat(key).st_mode  # noqa: PTH116
    except (OSError, ValueError):
        return FileFacts(uri, "missing")
    if stat.S_ISDIR(mode):
        return FileFacts(uri, "folder", what="a folder")
    content = read_named(key, limits)
    if isinstance(content, FileFault):
        return FileFacts(uri, "unreadable", what=f"not readable ({content.message.rstrip('.')})")
    return file_facts(Document(uri, content.text))


def link(graph: Graph, keys: Iterable[str], limits: Limits, most: int = _MOST) -> Graph:
    """The graph with all that the references of some files may lead to looked at, and what those refer to in turn.

    Specs beyond the workspace's folders become part of the graph, so that a cycle through them is seen. At most
    ``most`` files are looked at.
    """
    queue = list(keys)
    graph = _placed(graph, queue)
    seen = set(queue)
    looked = 0
    while queue and looked < most:
        found: dict[str, FileFacts | None] = {}
        for wanted in _wanted(graph, queue):
            if wanted not in found and looked < most:
                found[wanted] = _seen(graph, wanted, limits)
                looked += 1
        queue = [key for key, facts in found.items() if facts is not None and facts.specs and key not in seen]
        seen.update(queue)
        graph = _placed(graph, queue).with_files(found)
    return graph


def link_lineage(graph: Graph, document: Document, limits: Limits) -> Graph:
    """The graph with the specs looked at that a text's hints lead to, and those that these are made from in turn.

    What they depend on is of no interest.
    """
    queue = [(document.key, hinting(document))]
    if document.key not in graph.files:
        graph = graph.with_files({document.key: file_facts(document)})
    looked = 0
    while queue and looked < _MOST:
        key, specs = queue.pop()
        graph = _placed(graph, [key])
        hints = (hint for spec in specs for hint in spec.lineage)
        wanted = dict.fromkeys(place for hint in hints for place in graph.candidates(key, hint.target))
        found = {
            place: look(place, limits) for place in wanted if place not in graph.files and not leads_away(place, key)
        }
        graph = graph.with_files(found)
        looked += len(found)
        queue += [(place, new.specs) for place, new in found.items()]
    return graph


def _placed(graph: Graph, keys: Iterable[str]) -> Graph:
    """The graph with the projects known that some files lie in."""
    return graph.with_projects(projects_of(key for key in keys if posixpath.dirname(key) not in graph.projects))


def _wanted(graph: Graph, keys: Sequence[str]) -> Iterator[str]:
    # Of very many files few want anything.
    some = graph.wanting() if len(keys) > _FEW else keys
    for key in keys:
        if key in some:
            yield from sorted(graph.wanted(key))


def unlink(graph: Graph, keys: Iterable[str]) -> Graph:
    """The graph without those guests among some files that nothing refers to any more, and what only they refer to."""
    queue = list(keys)
    while queue:
        gone: dict[str, FileFacts | None] = {}
        below: set[str] = set()
        for key in queue:
            facts = graph.files.get(key)
            if facts is not None and facts.guest and not (set(graph.referrers(key)) - {key}):
                gone[key] = None
                below |= {*graph.mentions(key), facts.real}
        graph = graph.with_files(gone)
        queue = sorted(below & graph.files.keys())
    return graph

"""Several files at once: snapshots of open documents that see each other."""

from __future__ import annotations

from modelspec_ls.analysis import faults
from modelspec_ls.core.config import Config, Limits
from modelspec_ls.workspace.deployments import looking_around
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.graph import Graph
from modelspec_ls.workspace.kinds import is_policy_name
from modelspec_ls.workspace.link import judge_targets, settle
from modelspec_ls.workspace.snapshot import Snapshot


def opened(*documents: Document, roots: tuple[str, ...] = (), config: Config | None = None) -> Snapshot:
    """A snapshot with these documents open and the graph up to date, as the server makes it."""
    snapshot = Snapshot(config=config or Config(), graph=Graph(roots=roots))
    if any(is_policy_name(document.uri) for document in documents):
        for document in documents:
            snapshot = snapshot.covering(document.uri)
            snapshot = snapshot.with_scopes(snapshot.scopes.with_document(document))
    for document in documents:
        snapshot = looking_around(snapshot.with_document(document), document)
    changes = {document.key: document for document in documents}
    graph = settle(snapshot.graph, changes, Limits(), lambda _: True)
    for document in documents:
        graph = judge_targets(graph, document.key, changes.get, lambda d: faults(d, snapshot))
    return snapshot.with_graph(graph)


def folder(files: dict[str, str], root: str = "/ws", config: Config | None = None) -> Snapshot:
    """The same from texts by their paths in a workspace folder."""
    documents = (Document(f"file://{root}/{name}", text) for name, text in files.items())
    return opened(*documents, roots=(root,), config=config)

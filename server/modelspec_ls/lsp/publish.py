"""Diagnostics to the client: by request where it can ask, else by notification; never both."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import blake2b

from lsprotocol import types

from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.entries import Reference
from modelspec_ls.workspace.graph import Graph
from modelspec_ls.workspace.lineage import lineages

from . import convert
from .session import Session

_MANY = 100
"""Of so many files that changed at once some will refer to others than before."""
Notify = Callable[[types.PublishDiagnosticsParams], None]


class Publisher:
    """Knows what the client was last told of each document, and which documents to look at again."""

    def __init__(self, session: Session, notify: Notify, refresh: Callable[[], None], wake: Callable[[], None]) -> None:
        self._session = session
        self._notify = notify
        self._refresh = refresh
        self._wake = wake
        self._dirty: dict[str, None] = {}
        self._graph = session.snapshot.graph
        self._told: dict[str, tuple[int | None, list[types.Diagnostic]]] = {}
        self.on_change: Callable[[set[str]], None] = lambda _: None
        """Called with the keys of files whose findings across files may differ."""
        self.on_links: Callable[[], None] = lambda: None
        """Called when other specs are referred to than before."""
        self.on_lines: Callable[[], None] = lambda: None
        """Called when the models differ that those of open documents are made from, and with them their memory."""

    def touch(self, uri: str) -> None:
        """The document changed: publish when all that has arrived is handled. A client that asks does so by itself."""
        self._dirty[uri] = None
        self._wake()

    def wake(self) -> None:
        """Other files changed: look again at what depends on them when all that has arrived is handled."""
        self._wake()

    def touch_all(self) -> None:
        """Something behind all documents changed, such as the settings."""
        if self._session.client.pull_diagnostics:
            if self._session.client.diagnostic_refresh:
                self._refresh()
            return
        for uri in self._session.snapshot.documents:
            self.touch(uri)

    def touch_some(self, uris: Iterable[str]) -> None:
        """Something behind these documents changed, not their text."""
        some = list(uris)
        if some and self._session.client.pull_diagnostics:
            self.touch_all()
            return
        for uri in some:
            self.touch(uri)

    def close(self, uri: str) -> None:
        """Clear what the client shows for a document."""
        self._dirty.pop(uri, None)
        if self._told.pop(uri, (None, []))[1]:
            self._notify(types.PublishDiagnosticsParams(uri, []))

    def publish_next(self) -> bool:
        """Publish one document that changed; returns whether there are more."""
        changed = set(self._dirty)
        self._spread()
        if self._session.client.pull_diagnostics:
            if self._dirty.keys() - changed and self._session.client.diagnostic_refresh:
                self._refresh()
            self._dirty.clear()
        elif self._dirty:
            uri = next(iter(self._dirty))
            del self._dirty[uri]
            self._publish(uri)
        return bool(self._dirty)

    def _spread(self) -> None:
        """Look again at the open documents whose findings may differ since facts of other files do."""
        snapshot = self._session.snapshot
        if snapshot.graph is self._graph:
            return
        before, self._graph = self._graph, snapshot.graph
        touched = snapshot.graph.touched_by(before)
        changed = snapshot.graph.changed_since(before)
        if len(changed) > _MANY or any(_references(snapshot.graph, key) != _references(before, key) for key in changed):
            self.on_links()
        for uri, document in snapshot.documents.items():
            if document.key in touched:
                self._dirty.setdefault(uri)
        if any(_made_otherwise(d, before, snapshot.graph) for d in snapshot.documents.values() if d.key in touched):
            self.on_lines()
        self.on_change(touched)

    def judged(self, before: Graph, touched: set[str]) -> None:
        """Files were judged by one who has seen to those that are not open. ``before``: the graph till then."""
        if self._graph is not before:
            return  # More has changed: all is compared in its turn.
        self._graph = self._session.snapshot.graph
        self.touch_some(uri for uri, document in self._session.snapshot.documents.items() if document.key in touched)

    def _publish(self, uri: str) -> None:
        document = self._session.snapshot.document(uri)
        if document is None:
            return
        found = diagnostics(self._session, uri)
        told = self._told.get(uri)
        # Markers move with the text that is typed, so a new version needs even the same list again;
        # an empty list has nothing that could move.
        if found == (told[1] if told else None) and (not found or told == (document.version, found)):
            return
        self._told[uri] = (document.version, found)
        version = document.version if self._session.client.diagnostic_version else None
        self._notify(types.PublishDiagnosticsParams(uri, found, version))


def _made_otherwise(document: Document, before: Graph, after: Graph) -> bool:
    """Whether the specs above a text say something else of its model."""
    known = after.files.get(document.key)
    specs = known.specs if known is not None else ()
    return lineages(before, document.key, specs) != lineages(after, document.key, specs)


def _references(graph: Graph, key: str) -> list[Reference]:
    facts = graph.files.get(key)
    return [reference for spec in facts.parts for reference in spec.entries] if facts is not None else []


def report(session: Session, uri: str, previous: str | None) -> types.DocumentDiagnosticReport:
    """The answer to a client that asks. The result id is a hash of the content."""
    found = diagnostics(session, uri)
    ident = result_id(found)
    if ident == previous:
        return types.RelatedUnchangedDocumentDiagnosticReport(ident)
    return types.RelatedFullDocumentDiagnosticReport(found, result_id=ident)


def result_id(found: list[types.Diagnostic]) -> str:
    """A name for a list of diagnostics: the same list, the same name."""
    return blake2b(repr(found).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def diagnostics(session: Session, uri: str) -> list[types.Diagnostic]:
    """The diagnostics of an open document, sorted; none for one that is not open."""
    from modelspec_ls.analysis import check_document  # noqa: PLC0415  (loads all rules: not before initialize)

    document = session.snapshot.document(uri)
    if document is None:
        return []
    snapshot = session.judged(document.key)
    found = check_document(snapshot, uri)
    return [convert.diagnostic(document, item, session.client) for item in found]

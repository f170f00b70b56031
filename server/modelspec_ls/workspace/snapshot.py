"""The state that features read: immutable, replaced as a whole by ``lsp/session``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from modelspec_ls.core.config import Config

from .document import Document
from .facts import SpecFacts
from .graph import Graph
from .references import key_of
from .scopes import Scope, Scopes

if TYPE_CHECKING:
    from .checkpoints import Query, Reading


@frozen
class Snapshot:
    """Open documents by URI, the settings in force, and the graph of all specs, open ones as they are typed."""

    documents: Mapping[str, Document] = field(factory=dict)
    config: Config = field(factory=Config)
    graph: Graph = field(factory=Graph)
    scopes: Scopes = field(factory=Scopes)
    checkpoints: Mapping[Query, Reading] = field(factory=dict)
    """What was found on disk of the models that specs name."""
    _scopes_of: dict[str, Scope] = field(factory=dict, init=False, repr=False, eq=False)
    """What was asked before: a file's scope is asked for by each that looks at it."""

    def document(self, uri: str) -> Document | None:
        """The open document of that name."""
        return self.documents.get(uri)

    def document_at(self, key: str) -> Document | None:
        """The open document of a file key, however the client writes its name."""
        facts = self.graph.files.get(key)
        found = self.documents.get(facts.uri) if facts else None
        return found or next((d for uri, d in self.documents.items() if key_of(uri) == key), None)

    def with_document(self, document: Document) -> Snapshot:
        """This snapshot with one document added or replaced."""
        return evolve(self, documents={**self.documents, document.uri: document})

    def without(self, uri: str) -> Snapshot:
        """This snapshot without a document."""
        return evolve(self, documents={u: d for u, d in self.documents.items() if u != uri})

    def with_config(self, config: Config) -> Snapshot:
        """This snapshot under other settings."""
        return evolve(self, config=config)

    def with_graph(self, graph: Graph) -> Snapshot:
        """This snapshot with another graph."""
        return self if graph is self.graph else evolve(self, graph=graph)

    def scope(self, uri: str) -> Scope:
        """What applies to a file: settings, and the catalogue as its folder sees it."""
        found = self._scopes_of.get(uri)
        if found is None:
            found = self._scopes_of[uri] = self.scopes.of(uri, self.config)
        return found

    def covering(self, uri: str) -> Snapshot:
        """This snapshot with what applies to a file's folder read from disk, where it was not looked at yet."""
        return self.with_scopes(self.scopes.covering(uri, self.config))

    def with_scopes(self, scopes: Scopes) -> Snapshot:
        """This snapshot with other rows of the workspace's own catalogue."""
        return self if scopes is self.scopes else evolve(self, scopes=scopes)

    def with_readings(self, found: Mapping[Query, Reading]) -> Snapshot:
        """This snapshot with this known of checkpoints on disk."""
        return evolve(self, checkpoints=found)

    def specs(self) -> Iterator[tuple[str, SpecFacts]]:
        """Every spec that is known, with its file's key."""
        for node, spec in self.graph.nodes():
            yield node.key, spec

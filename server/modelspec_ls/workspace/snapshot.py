"""The state that features read: immutable, replaced as a whole by ``lsp/session``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve, field, frozen

from modelspec_ls.core.config import Config

from .document import Document
from .facts import SpecFacts, facts
from .index import Index


@frozen
class Snapshot:
    """Open documents by URI, the settings in force, and what the workspace's other files declare."""

    documents: Mapping[str, Document] = field(factory=dict)
    config: Config = field(factory=Config)
    index: Index = field(factory=Index)

    def document(self, uri: str) -> Document | None:
        """The open document of that name."""
        return self.documents.get(uri)

    def with_document(self, document: Document) -> Snapshot:
        """This snapshot with one document added or replaced."""
        return evolve(self, documents={**self.documents, document.uri: document})

    def without(self, uri: str) -> Snapshot:
        """This snapshot without a document."""
        return evolve(self, documents={u: d for u, d in self.documents.items() if u != uri})

    def with_config(self, config: Config) -> Snapshot:
        """This snapshot under other settings."""
        return evolve(self, config=config)

    def with_index(self, index: Index) -> Snapshot:
        """This snapshot with other facts of files that are not open."""
        return evolve(self, index=index)

    def specs(self) -> Iterator[tuple[str, SpecFacts]]:
        """Every spec that is known, with its file's URI: open documents as they are typed, then other files."""
        for uri, document in self.documents.items():
            for spec in facts(document):
                yield uri, spec
        for uri, found in self.index.files.items():
            if uri not in self.documents:
                for spec in found:
                    yield uri, spec

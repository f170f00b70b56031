"""The state that features read: immutable, replaced as a whole by ``lsp/session``."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, field, frozen

from modelspec_ls.core.config import Config

from .document import Document


@frozen
class Snapshot:
    """Open documents by URI, and the settings in force."""

    documents: Mapping[str, Document] = field(factory=dict)
    config: Config = field(factory=Config)

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

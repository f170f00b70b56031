"""The session: the only mutable state. Every change makes a new snapshot; those given out stay as they are."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types

from modelspec_ls.core.config import Config, config_from
from modelspec_ls.core.text import LineIndex, Position
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot

from .capabilities import ClientFeatures

log = logging.getLogger(__name__)

LANGUAGE_ID = "modelspec"
"""A document that the client opens under this language is ours, whatever its name."""
SECTION = "modelspec"
"""The section of the client's settings that is ours."""


class Session:
    """What is open, the settings in force, and what the client can do."""

    def __init__(self) -> None:
        self.snapshot = Snapshot()
        self.client = ClientFeatures()
        self.folders: list[Path] = []
        self._initial = Config()

    def open(self, uri: str, text: str, version: int | None, language: str) -> Snapshot:
        """Take a document's text exactly as sent. One that is open already is replaced."""
        if self.snapshot.document(uri) is not None:
            log.warning("Opened twice: %s", uri)
        document = Document(uri, text, version, declared=language == LANGUAGE_ID)
        self.snapshot = self.snapshot.with_document(document)
        return self.snapshot

    def change(
        self, uri: str, changes: Sequence[types.TextDocumentContentChangeEvent], version: int | None
    ) -> Snapshot | None:
        """Apply changes in order, whole texts or ranges. None for a document that is not open."""
        document = self.snapshot.document(uri)
        if document is None:
            log.warning("Changed without being open: %s", uri)
            return None
        text = document.text
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                text = self._splice(text, change)
            else:
                text = change.text
        self.snapshot = self.snapshot.with_document(Document(uri, text, version, declared=document.declared))
        return self.snapshot

    def _splice(self, text: str, change: types.TextDocumentContentChangePartial) -> str:
        index = LineIndex(text)
        ends = (change.range.start, change.range.end)
        start, end = sorted(index.offset(Position(p.line, p.character), self.client.encoding) for p in ends)
        return text[:start] + change.text + text[end:]

    def close(self, uri: str) -> Snapshot | None:
        """Forget a document. None if it was not open."""
        if self.snapshot.document(uri) is None:
            log.warning("Closed without being open: %s", uri)
            return None
        self.snapshot = self.snapshot.without(uri)
        return self.snapshot

    def initial(self, options: Any) -> list[str]:
        """Take the settings that came with ``initialize``; returns one message per mistake."""
        if isinstance(options, Mapping):
            # With and without the section's name; clients do both.
            for key in ("settings", SECTION):
                if isinstance(options.get(key), Mapping):
                    options = options[key]
        self._initial, problems = config_from(options)
        self.snapshot = self.snapshot.with_config(self._initial)
        return problems

    def configure(self, values: Any) -> tuple[bool, list[str]]:
        """Take new settings over the initial ones; returns whether they differ, and a message per mistake."""
        config, problems = config_from(values, self._initial)
        changed = config != self.snapshot.config
        if changed:
            self.snapshot = self.snapshot.with_config(config)
        return changed, problems

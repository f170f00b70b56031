"""The session: the only mutable state. Every change makes a new snapshot; those given out stay as they are."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from modelspec_ls.core.config import Config, config_from
from modelspec_ls.core.text import LineBuffer, Position, Span, TextEdit, apply_edits
from modelspec_ls.workspace.discover import covers
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.graph import Graph
from modelspec_ls.workspace.lineage import looked_at
from modelspec_ls.workspace.link import judge_targets, settle
from modelspec_ls.workspace.references import key_of, uri_of
from modelspec_ls.workspace.scopes import Scopes
from modelspec_ls.workspace.snapshot import Snapshot

from .capabilities import ClientFeatures

if TYPE_CHECKING:
    from modelspec_ls.ide.way_back import Memory

log = logging.getLogger(__name__)

LANGUAGE_ID = "modelspec"
"""A document that the client opens under this language is ours, whatever its name."""
SECTION = "modelspec"
"""The section of the client's settings that is ours."""


class Session:
    """What is open, the settings in force, and what the client can do."""

    def __init__(self) -> None:
        self._snapshot = Snapshot(graph=Graph(searched=()))
        self.client = ClientFeatures()
        self.folders: list[str] = []
        """Keys of the workspace's folders."""
        self.moved: Memory = ()
        """How references were written before files moved, move by move."""
        self.on_disk_change: Callable[[set[str] | None], None] = lambda _: None
        """Called with the keys of files that may differ on disk, or with None when the settings changed."""
        self.heard: set[str] | None = None
        """Files and folders that may differ on disk since reading the folders began; None while nobody reads them."""
        self._initial = Config()
        self._changed: set[str] = set()

    # ------------------------------------------------------------------ snapshots
    @property
    def snapshot(self) -> Snapshot:
        """The state now, with the graph brought up to date with every change so far."""
        if self._changed:
            changed, self._changed = self._changed, set()
            # One document may be open under two names; the last one opened counts.
            opened = {document.key: document for document in self._snapshot.documents.values()}
            changes = {key: opened.get(key) for key in sorted(changed)}
            graph = settle(self._snapshot.graph, changes, self._snapshot.config.limits, self._lies_within)
            self._snapshot = self._snapshot.with_graph(graph)
        return self._snapshot

    @snapshot.setter
    def snapshot(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    @property
    def scopes(self) -> Scopes:
        """What holds for files now. Unlike ``snapshot`` this settles nothing."""
        return self._snapshot.scopes

    def judged(self, key: str) -> Snapshot:
        """The state now, with the faults counted of what a file depends on: what its findings may rest on."""
        from modelspec_ls.analysis import faults  # noqa: PLC0415  (loads all rules: not before initialize)

        snapshot = self.snapshot
        opened = {document.key: document for document in snapshot.documents.values()}
        graph = judge_targets(snapshot.graph, key, opened.get, lambda document: faults(document, snapshot))
        self._snapshot = snapshot.with_graph(graph)
        return self._snapshot

    def covers(self, key: str) -> bool:
        """Whether a spec at a key belongs to the workspace; another name of one that is known does not."""
        return self._lies_within(key) and self._key(uri_of(key)) == key

    def _lies_within(self, key: str) -> bool:
        return any(covers(folder, key) for folder in self.folders)

    def disk_changed(self, keys: Iterable[str]) -> None:
        """Files may differ on disk; an open one is the editor's."""
        changed = set(keys)
        self._changed |= changed
        self.hear(changed)
        self.on_disk_change(changed)

    def hear(self, keys: Iterable[str]) -> None:
        """What is being read of files, or of all below folders, may be older than what lies there now."""
        if self.heard is not None:
            self.heard |= set(keys)

    def look_again(self, key: str) -> None:
        """Look again at what a file refers to and nobody watches: what is missing, or lies beyond the folders."""
        graph = self.snapshot.graph
        opened = {document.key: document for document in self._snapshot.documents.values()}
        document = opened.get(key)
        wanted = graph.mentions(key).union(looked_at(graph, document) if document is not None else ())
        wanted |= {facts.real for k in wanted if (facts := graph.files.get(k))}
        self.disk_changed({k for k in wanted if (facts := graph.files.get(k)) and facts.guest and k not in opened})

    def _key(self, uri: str) -> str:
        """The key of a document: that of the file behind a link, where the graph knows it by that name."""
        key = key_of(uri)
        if not uri.startswith("file:"):
            return key
        try:
            real = os.path.realpath(key).replace(os.sep, "/")
        except (OSError, ValueError):  # No file has such a name.
            return key
        known = self._snapshot.graph.files.get(real)
        return real if known is not None and not known.guest else key

    def rename_linked(self) -> None:
        """Give documents that were opened through a link the key of the file behind it, now that it is known."""
        for uri, document in list(self._snapshot.documents.items()):
            key = self._key(uri)
            if key != document.key and key != key_of(uri):
                old = document.key
                moved = Document(uri, document.text, document.version, declared=document.declared, key=key)
                self._snapshot = self._snapshot.with_document(moved)
                self._changed |= {old, key}

    # ------------------------------------------------------------------ documents
    def open(self, uri: str, text: str, version: int | None, language: str) -> Snapshot:
        """Take a document's text exactly as sent. One that is open already is replaced."""
        if self._snapshot.document(uri) is not None:
            log.warning("Opened twice: %s", uri)
        self._snapshot = self._snapshot.covering(uri)
        document = Document(uri, text, version, declared=language == LANGUAGE_ID, key=self._key(uri))
        return self._take(document)

    def change(
        self, uri: str, changes: Sequence[types.TextDocumentContentChangeEvent], version: int | None
    ) -> Snapshot | None:
        """Apply changes in order, whole texts or ranges. None for a document that is not open."""
        document = self._snapshot.document(uri)
        if document is None:
            log.warning("Changed without being open: %s", uri)
            return None
        text, buffer = document.text, None
        for change in changes:
            if not isinstance(change, types.TextDocumentContentChangePartial):
                text, buffer = change.text, None
                continue
            start, end = (Position(p.line, p.character) for p in (change.range.start, change.range.end))
            if len(changes) == 1:
                # The usual case; the index is there already.
                ends = (document.index.offset(p, self.client.encoding) for p in (start, end))
                text = apply_edits(text, [TextEdit(Span(*sorted(ends)), change.text)])
            else:
                buffer = buffer or LineBuffer(text)
                buffer.replace(start, end, change.text, self.client.encoding)
        text = text if buffer is None else buffer.text
        return self._take(Document(uri, text, version, declared=document.declared, key=document.key))

    def _take(self, document: Document) -> Snapshot:
        snapshot = self._snapshot.with_document(document)
        scopes = snapshot.scopes.with_document(document)
        self._snapshot = snapshot.with_scopes(scopes)
        self._changed.add(document.key)
        return self._snapshot

    def reread_rows(self, uris: Iterable[str]) -> bool:
        """Read files of the workspace's catalogue again, those that are not open; returns whether rows changed."""
        before = scopes = self._snapshot.scopes
        for uri in dict.fromkeys(uris):
            # All settings are read again with the first of them.
            done = scopes.settings is not before.settings and uri.endswith(".toml")
            if self._snapshot.document(uri) is None and not done:
                scopes = scopes.reread(uri, self._snapshot.config.limits)
        if scopes.settings is not before.settings:
            scopes = self._as_open(scopes)
        self._snapshot = self._snapshot.with_scopes(scopes)
        return scopes is not before

    def _as_open(self, scopes: Scopes) -> Scopes:
        """These scopes with the settings files that are open as they are in the editor."""
        for document in self._snapshot.documents.values():
            scopes = scopes.with_document(document) if document.is_settings else scopes
        return scopes

    def close(self, uri: str) -> Snapshot | None:
        """Forget a document. None if it was not open."""
        document = self._snapshot.document(uri)
        if document is None:
            log.warning("Closed without being open: %s", uri)
            return None
        self._snapshot = self._snapshot.without(uri)
        self.disk_changed([document.key])
        self.reread_rows([uri])
        return self._snapshot

    def initial(self, options: Any) -> list[str]:
        """Take the settings that came with ``initialize``; returns one message per mistake."""
        if isinstance(options, Mapping):
            # With and without the section's name; clients do both.
            for key in ("settings", SECTION):
                if isinstance(options.get(key), Mapping):
                    options = options[key]
        self._initial, problems = config_from(options)
        self._snapshot = self._snapshot.with_config(self._initial)
        return problems

    def configure(self, values: Any) -> tuple[bool, list[str]]:
        """Take new settings over the initial ones; returns whether they differ, and a message per mistake."""
        config, problems = config_from(values, self._initial)
        changed = config != self._snapshot.config
        if changed:
            self._snapshot = self._snapshot.with_config(config)
            scopes = self._snapshot.scopes.with_settings_of_disk(config.limits, config.catalogue, config.policies)
            self._snapshot = self._snapshot.with_scopes(self._as_open(scopes))
            self.on_disk_change(None)
        return changed, problems

"""Findings of all files of the workspace, open or not, for clients that ask for them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen
from lsprotocol import types

from modelspec_ls.core.finding import Severity
from modelspec_ls.core.text import Mark
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.lineage import lineages
from modelspec_ls.workspace.link import document_on_disk, fault_at
from modelspec_ls.workspace.references import uri_of

from . import convert
from .publish import diagnostics, result_id
from .turns import Turns

if TYPE_CHECKING:
    from modelspec_ls.core.finding import Diagnostic
    from modelspec_ls.spec.lineage import Lineage
    from modelspec_ls.workspace.facts import FileFacts
    from modelspec_ls.workspace.graph import Graph, Node
    from modelspec_ls.workspace.snapshot import Snapshot

    from .session import Session

_QUICK = 64
"""So many files are passed over in no time."""
_CHUNK = 200
"""Files in one partial answer."""

Item = types.WorkspaceDocumentDiagnosticReport
Send = Callable[[list[Item]], None]


@frozen
class _Own:
    """What one closed file says by itself, ready to be sent. ``lineage``: of the models that its hints lead to."""

    items: tuple[types.Diagnostic, ...]
    severities: tuple[tuple[int, Severity], ...]
    """With the numbers of their documents."""
    faults: tuple[int, str] | None
    lineage: Mapping[int, Lineage] = field(factory=dict)


class WorkspaceReports:
    """Knows the findings of closed files, which of them may have changed, and what the client was told."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._own: dict[str, _Own] = {}
        self._told: dict[str, str] = {}
        self._dirty: set[str] = set()
        self._unread: set[str] = set()
        self._doubtful: set[str] = set()
        """Files that may have come to be unreadable, or no longer are."""
        self._news = asyncio.Event()
        self.on_judged: Callable[[Graph, set[str]], None] = lambda *_: None
        """Called with the graph before files were judged, and the keys of those whose findings may differ."""

    def forget(self, keys: Iterable[str] | None = None) -> None:
        """Files changed on disk (None: the settings did): look at them again when asked."""
        if keys is None:
            self._own.clear()
            self._told.clear()
        else:
            for key in keys:
                self._own.pop(key, None)
                self._dirty.add(key)
                self._doubtful.add(key)
        self._news.set()

    def touched(self, keys: set[str]) -> None:
        """What other files say changed: the findings across files may differ."""
        self._dirty |= keys
        graph = self._session.snapshot.graph
        for key in keys & self._own.keys():
            facts = graph.files.get(key)
            # What it says by itself rests on what its hints lead to.
            if facts is not None and lineages(graph, key, facts.specs) != self._own[key].lineage:
                del self._own[key]
        if keys:
            self._news.set()

    def severities(self, node: Node) -> list[Severity]:
        """The severities of all findings of one spec of a closed file."""
        linked = ((d.document, d.severity) for d in self._linked(node.key))
        found = (*self._look(node.key).severities, *linked)
        return [severity for number, severity in found if number == node.document]

    async def report(self, previous: dict[str, str], send: Send | None) -> list[Item]:
        """All files, each in full or as unchanged since what the client has by URI.

        With ``send`` the answer goes out in parts, and where there is nothing new the question waits for news.
        """
        while True:
            self._news.clear()
            items, news = await self._pass(previous, send)
            if send is None:
                return items
            if news:
                return []
            await self._news.wait()

    async def _pass(self, previous: dict[str, str], send: Send | None) -> tuple[list[Item], bool]:
        out: list[Item] = []
        news = False
        turns = Turns()
        await self._judge_all()
        keys = self._keys()
        gone = dict(previous)
        for number, (key, uri) in enumerate(keys.items()):
            gone.pop(uri, None)
            item = self._item(key, uri, previous.get(uri))
            out.append(item)
            full = isinstance(item, types.WorkspaceFullDocumentDiagnosticReport)
            news = news or full
            if send is not None and len(out) >= _CHUNK:
                _send_news(send, out)
                out = []
            if full or number % _QUICK == 0:
                await turns.over()
        # A file that is gone has no findings.
        cleared = [types.WorkspaceFullDocumentDiagnosticReport(uri, []) for uri in gone]
        out += cleared
        if send is not None:
            _send_news(send, out)
        return out, news or bool(cleared)

    def _keys(self) -> dict[str, str]:
        """The files of the workspace, those of ours that cannot be read, and all open documents.

        By key with the name that the client uses.
        """
        snapshot = self._session.snapshot
        keys = {key: facts.uri for key, facts in snapshot.graph.files.items() if not facts.guest and facts.linked}
        doubtful, self._doubtful = self._doubtful - keys.keys(), set()
        self._unread -= keys.keys()
        for key in doubtful:
            if fault_at(key, snapshot.config.limits) is not None:
                self._unread.add(key)
            else:
                self._unread.discard(key)
        named = {os.path.realpath(key): key for key in sorted(self._unread, key=_is_real) if self._session.covers(key)}
        keys.update((key, uri_of(key)) for key in named.values())
        keys.update((document.key, uri) for uri, document in snapshot.documents.items())
        return dict(sorted(keys.items()))

    def _item(self, key: str, uri: str, has: str | None) -> Item:
        document = self._session.snapshot.document(uri)
        if document is None and key not in self._dirty and has is not None and self._told.get(key) == has:
            return types.WorkspaceUnchangedDocumentDiagnosticReport(uri, has)
        if document is not None:
            found = diagnostics(self._session, uri)
        else:
            linked = [convert.far_diagnostic(uri, d, self._session.client) for d in self._linked(key)]
            found = sorted((*self._look(key).items, *linked), key=_order)
        ident = result_id(found)
        self._dirty.discard(key)
        self._told[key] = ident
        version = document.version if document is not None else None
        if ident == has:
            return types.WorkspaceUnchangedDocumentDiagnosticReport(uri, ident, version=version)
        return types.WorkspaceFullDocumentDiagnosticReport(uri, found, version=version, result_id=ident)

    async def _judge_all(self) -> None:
        """Look at every file once, so that what others are told of its faults is known before they are asked."""
        turns = Turns()
        found: dict[str, FileFacts | None] = {}
        for number, (key, uri) in enumerate(self._keys().items()):
            known = self._own.get(key)
            if self._session.snapshot.document(uri) is None:
                own = known or await self._look_aside(key)
                facts = self._session.snapshot.graph.files.get(key)
                if facts is not None and facts.specs and facts.faults != own.faults:
                    found[key] = evolve(facts, faults=own.faults)
            if known is None or number % _QUICK == 0:
                await turns.over()
        if found:
            snapshot = self._session.snapshot
            now = snapshot.graph.files
            current = {k: f for k, f in found.items() if f and k in now and now[k].specs == f.specs}
            graph = snapshot.graph.with_files(current)
            touched = graph.touched_by(snapshot.graph)
            self._dirty |= touched
            self._session.snapshot = snapshot.with_graph(graph)
            self.on_judged(snapshot.graph, touched)

    async def _look_aside(self, key: str) -> _Own:
        """What a closed file says; the checkpoints that it names are looked at beside everything else."""
        from modelspec_ls.workspace.deployments import looking_around, queries_in  # noqa: PLC0415  (loads facts)

        if key not in self._own:
            document = document_on_disk(key)
            if document is None:
                self._own[key] = self._unreadable(key)
            else:
                around = self._around(document)
                if any(query not in around.checkpoints for query in queries_in(around, document).values()):
                    found = await asyncio.to_thread(looking_around, around, document)
                    # What its hints lead to may have changed meanwhile.
                    around = looking_around(self._around(document).with_readings(found.checkpoints), document)
                self._own[key] = self._examined(document, around)
        return self._own[key]

    def _look(self, key: str) -> _Own:
        from modelspec_ls.workspace.deployments import looking_around  # noqa: PLC0415  (loads facts)

        if key not in self._own:
            document = document_on_disk(key)
            if document is None:
                return self._unreadable(key)
            self._own[key] = self._examined(document, looking_around(self._around(document), document))
        return self._own[key]

    def _unreadable(self, key: str) -> _Own:
        """What is said of a file that cannot be read; nothing where it is gone."""
        from modelspec_ls.analysis import unreadable  # noqa: PLC0415  (loads all rules: not before initialize)

        uri = uri_of(key)
        snapshot = self._session.snapshot = self._session.snapshot.covering(uri)
        fault, config = fault_at(key, snapshot.config.limits), snapshot.scope(uri).config
        found = unreadable(fault.message, fault.severity, config) if fault is not None else None
        if found is None:
            return _Own((), (), None)
        at_top = evolve(found, mark=Mark(0, 0, 0))
        return _Own((convert.far_diagnostic(uri, at_top, self._session.client),), ((0, found.severity),), None)

    def _around(self, document: Document) -> Snapshot:
        snapshot = self._session.snapshot = self._session.snapshot.covering(document.uri)
        return snapshot

    def _examined(self, document: Document, around: Snapshot) -> _Own:
        from modelspec_ls.analysis import examine  # noqa: PLC0415  (loads all rules: not before initialize)

        found, client = examine(document, around), self._session.client
        items = tuple(convert.diagnostic(document, d, client) for d in found.diagnostics)
        lineage = lineages(around.graph, document.key, found.facts.specs)
        return _Own(items, tuple((d.document, d.severity) for d in found.diagnostics), found.facts.faults, lineage)

    def _linked(self, key: str) -> tuple[Diagnostic, ...]:
        from modelspec_ls.analysis import check_links  # noqa: PLC0415

        snapshot = self._session.snapshot
        return check_links(snapshot.graph, key, snapshot.scope(uri_of(key)))


def _is_real(key: str) -> tuple[bool, str]:
    """Puts a file's own name last: of several that lead to it that one counts."""
    return os.path.realpath(key) == key, key


def _send_news(send: Send, items: list[Item]) -> None:
    """Send a part without what has not changed: what is not mentioned stays."""
    news: list[Item] = [item for item in items if isinstance(item, types.WorkspaceFullDocumentDiagnosticReport)]
    if news:
        send(news)


def _order(item: types.Diagnostic) -> tuple[int, int, int, int, int, str, str]:
    start, end = item.range.start, item.range.end
    level = int(item.severity) if item.severity is not None else 0
    return start.line, start.character, end.line, end.character, level, str(item.code), str(item.message)

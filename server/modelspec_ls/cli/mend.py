"""Safe fixes applied to files until none is left, as ``modelspec check --fix`` does."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from attrs import evolve, frozen

from modelspec_ls.analysis import check_links, examine
from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Applicability, Diagnostic
from modelspec_ls.core.text import apply_edits
from modelspec_ls.ide.code_actions import fix_all
from modelspec_ls.workspace.cache import Cache
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.files import FileText, read_text
from modelspec_ls.workspace.graph import Graph
from modelspec_ls.workspace.snapshot import Snapshot

from . import writing
from .contents import Contents
from .examine import examine_all
from .gather import gathered
from .inputs import Input, snapshot_of
from .render.source import safe

_MOST_ROUNDS = 25


@frozen
class Mended:
    """A file whose text would change."""

    path: str
    before: str
    after: str

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        before, after = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (self.before, self.after))
        parts = difflib.unified_diff(before, after, f"a/{safe(self.path)}", f"b/{safe(self.path)}")
        return "".join(part if part.endswith("\n") else f"{part}\n\\ No newline at end of file\n" for part in parts)


def mended(
    sources: Sequence[Input], paths: Sequence[str], contents: Contents, *, jobs: int = 1, cache: Cache | None = None
) -> Iterator[Mended]:
    """The files that safe fixes change, with their texts at the fixed point; nothing is written."""
    around = contents.around
    found, _ = examine_all(sources, contents, jobs=jobs, cache=cache or Cache(None), seen=lambda _: None)
    graph = gathered({key: own.facts for key, own in found.items()}, paths, around)
    for source in sources:
        if source.document is None:
            continue
        linked = check_links(graph, source.key, around.scope(source.document.uri))
        if any(_mendable(d) for d in (*found[source.key].diagnostics, *linked)):
            text, graph = settled(source.document, snapshot_of(source, around), graph)
            if text != source.document.text:
                yield Mended(source.path, source.document.text, text)


def _mendable(found: Diagnostic) -> bool:
    return any(fix.applicability is Applicability.SAFE for fix in found.fixes)


def settled(document: Document, around: Snapshot, graph: Graph) -> tuple[str, Graph]:
    """A text with its safe fixes applied until there are none; and the graph with what the text says then."""
    seen = {document.text}
    for _ in range(_MOST_ROUNDS):
        snapshot = evolve(around, documents={document.uri: document}, graph=graph)
        edits = fix_all(snapshot, document.uri)
        text = apply_edits(document.text, edits)
        if not edits or text in seen:
            break
        seen.add(text)
        document = Document(document.uri, text, claimed=document.claimed, key=document.key)
        graph = graph.with_files({document.key: examine(document, around).facts})
    return document.text, graph


def write(path: str, before: str, after: str, config: Config) -> str | None:
    """Replace a file's text in one step; returns why that was not done. Links and permissions stay."""
    try:
        found = read_text(writing.target(path), config.limits)
        if not isinstance(found, FileText) or found.text != before:
            return "it changed meanwhile"
        if found.encoding != "utf-8":
            return f"it is {found.encoding.upper()}; save it as UTF-8 first"
        writing.write(path, after)
    except writing.CannotWriteError as fault:
        return str(fault)
    return None

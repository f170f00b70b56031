"""A spec that is missing in a file of several, as a further document there."""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Diagnostic
from modelspec_ls.core.text import Span
from modelspec_ls.rules.pipeline.spec_ref_not_found import META
from modelspec_ls.rules.skeletons import skeleton
from modelspec_ls.syntax.edit import line_end
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.graph import Node
from modelspec_ls.workspace.references import shown
from modelspec_ls.workspace.snapshot import Snapshot

from .pipeline import load_from
from .rename import file_edits
from .results import CodeAction


def additions(snapshot: Snapshot, document: Document, found: Diagnostic) -> Iterator[CodeAction]:
    """For a reference to ``file#name`` where the file has no such spec: the spec, behind all others there."""
    node = Node(document.key, found.document)
    spec = snapshot.graph.spec(node)
    if found.code != META.code or spec is None:
        return
    for edge in snapshot.graph.edges(node):
        pointed = spec.mark(edge.reference.path("specRef"))
        if edge.target.outcome != "no-fragment" or document.index.span_of(pointed) != found.span:
            continue
        load = load_from(snapshot)
        there = load(edge.target.key)
        if there is None or there.is_json:
            return
        eol, text = line_end(there.text), skeleton(edge.reference, spec.environment)
        lead = "" if there.text.endswith(("\n", "\r")) else "\n"
        new = f"{lead}---\n{text}".replace("\n", eol)
        end = Span(len(there.text), len(there.text))
        name = edge.reference.target.fragment
        title = f"Add a spec called `{name}` to `{shown(edge.target.key, document.key)}`"
        files = (file_edits(load, edge.target.key, {end: new}),)
        yield CodeAction(title, (), codes=(found.ident,), span=found.span, files=files)

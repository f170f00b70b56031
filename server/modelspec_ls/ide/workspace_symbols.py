"""Specs by name or model, from anywhere in the workspace."""

from __future__ import annotations

from modelspec_ls.workspace.facts import MODEL_ID, NAME
from modelspec_ls.workspace.snapshot import Snapshot

from .results import WorkspaceSymbol
from .subject import at

_MOST = 500


def workspace_symbols(snapshot: Snapshot, query: str) -> tuple[WorkspaceSymbol, ...]:
    """Specs whose name or model holds the letters of the query in order; the closest first."""
    folded = query.strip().casefold()
    found: list[tuple[tuple[int, int, str], WorkspaceSymbol]] = []
    for node, spec in snapshot.graph.nodes():
        names = ((spec.name, NAME, "spec"), (spec.model, MODEL_ID, "model"))
        for text, path, kind in names:
            rank = _rank(folded, text.casefold()) if text else None
            if rank is not None and (kind == "spec" or spec.model != spec.name):
                container = spec.task if kind == "spec" else spec.name
                symbol = WorkspaceSymbol(text, kind == "spec", container, at(snapshot.graph, node, path))
                found.append(((rank, len(text), node.key), symbol))
    found.sort(key=lambda entry: entry[0])
    return tuple(symbol for _, symbol in found[:_MOST])


def _rank(query: str, text: str) -> int | None:
    """0 for a beginning, 1 for a part, 2 for the letters in order; None for no match."""
    if text.startswith(query):
        return 0
    if query in text:
        return 1
    rest = iter(text)
    return 2 if all(letter in rest for letter in query) else None

"""What specs are made from, where their hints name another spec by its path: up the line and down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from modelspec_ls.spec.lineage import Lineage

from .document import Document
from .entries import BASE_MODEL, HintReference
from .facts import hinting
from .graph import Edge, Graph, Incoming, Node

_LONGEST = 16
"""So many specs a line is followed up."""


def heirs(graph: Graph, node: Node) -> tuple[Incoming, ...]:
    """The hints that lead to a spec, by file."""
    return tuple(
        Incoming(edge.source, spec, edge.reference)
        for key in sorted(graph.made_from(node.key))
        for spec in graph.files[key].specs
        for edge in graph.lineage(key, spec)
        if edge.target.node == node
    )


def line(graph: Graph, edge: Edge) -> Iterator[Edge]:
    """The way up from a hint: to the spec that it names, to what that one is made from, and so on."""
    seen: set[Node] = set()
    step: Edge | None = edge
    while step is not None and len(seen) < _LONGEST:
        yield step
        node, spec = step.target.node, step.target.spec
        if node is None or spec is None or node in seen:
            return
        seen.add(node)
        step = next((up for up in graph.lineage(node.key, spec) if up.reference.path() == BASE_MODEL), None)


def lineages(graph: Graph, document: Document) -> Mapping[int, Lineage]:
    """What the specs say that a text's hints lead to, by the number of the document; of most texts nothing."""
    return {
        spec.document: {
            edge.reference.hint: tuple(
                step.target.spec.ancestor
                for step in line(graph, edge)
                if step.target.spec is not None and not step.target.spec.broken
            )
            for edge in graph.lineage(document.key, spec)
            # A spec that names itself has said all that there is.
            if isinstance(edge.reference, HintReference) and edge.target.node != edge.source
        }
        for spec in hinting(document)
    }


def looked_at(graph: Graph, document: Document) -> tuple[str, ...]:
    """The keys of all files that the lines of a text rest on, those included that are not there."""
    keys = (
        key
        for spec in hinting(document)
        for edge in graph.lineage(document.key, spec)
        for step in line(graph, edge)
        for key in step.target.tried
    )
    return tuple(dict.fromkeys(key for key in keys if key != document.key))


def spread(before: Graph, after: Graph, keys: Iterable[str]) -> set[str]:
    """The files that are made from some files, at any distance, before or after a change."""
    queue, seen = list(keys), set(keys)
    for key in queue:
        found = {*before.made_from(key), *after.made_from(key)} - seen
        seen |= found
        queue += found
    return seen

"""What specs are made from, where their hints name another spec by its path: up the line and down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile

from modelspec_ls.spec.lineage import Ancestor, Lineage

from .document import Document
from .entries import BASE_MODEL, HintReference
from .facts import SpecFacts, hinting
from .files import leads_away
from .graph import Edge, Graph, Incoming, Node

LONGEST = 64
"""So many specs a line is followed up. Of one that is longer nobody knows where it starts."""


def heirs(graph: Graph, node: Node) -> tuple[Incoming, ...]:
    """The hints that lead to a spec, by file; kept with the graph for all specs of its file."""
    kept: dict[str, dict[Node, list[Incoming]]] = graph.memo.setdefault("heirs", {})
    found = kept.get(node.key)
    if found is None:
        found = kept[node.key] = {}
        for key in sorted(graph.made_from(node.key)):
            for spec in graph.files[key].specs:
                for edge in graph.lineage(key, spec):
                    if (target := edge.target.node) is not None and target.key == node.key:
                        found.setdefault(target, []).append(Incoming(edge.source, spec, edge.reference))
    return tuple(found.get(node, ()))


def line(graph: Graph, edge: Edge) -> Iterator[Edge]:
    """The way up from a hint: to the spec that it names, to what that one is made from, and so on."""
    seen: set[Node] = set()
    step: Edge | None = edge
    while step is not None and len(seen) < LONGEST:
        yield step
        node, spec = step.target.node, step.target.spec
        if node is None or spec is None or node in seen:
            return
        seen.add(node)
        step = next((up for up in graph.lineage(node.key, spec) if up.reference.path() == BASE_MODEL), None)


def lineages(graph: Graph, key: str, specs: Iterable[SpecFacts]) -> Mapping[int, Lineage]:
    """What the specs say that the hints of a file's specs lead to, by the number of the document; mostly nothing."""
    return {
        spec.document: {
            edge.reference.hint: _ancestors(graph, edge)
            for edge in graph.lineage(key, spec)
            if isinstance(edge.reference, HintReference)
        }
        for spec in specs
        if spec.lineage
    }


def _ancestors(graph: Graph, edge: Edge) -> tuple[Ancestor, ...]:
    """What the specs of a line say of their models; nothing where it goes round or has no end."""
    steps = list(line(graph, edge))
    nodes = [step.target.node for step in steps if step.target.node is not None]
    if edge.source in nodes and edge.reference.path() != BASE_MODEL:
        # A draft that was made from the model it drafts for: that one has another size.
        steps = steps[: nodes.index(edge.source)]
    elif edge.source in nodes or len(set(nodes)) < len(nodes) or len(steps) == LONGEST:
        return ()
    specs = (step.target.spec for step in steps)
    # What a broken spec says it is made from cannot be relied on either.
    return tuple(spec.ancestor for spec in takewhile(lambda spec: spec and not spec.broken, specs) if spec)


def looked_at(graph: Graph, document: Document) -> tuple[str, ...]:
    """The keys of all files that the lines of a text rest on, those included that are not there.

    Other machines are never asked.
    """
    keys = (
        key
        for spec in hinting(document)
        for edge in graph.lineage(document.key, spec)
        for step in line(graph, edge)
        for key in step.target.tried
        if not leads_away(key, step.source.key)
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

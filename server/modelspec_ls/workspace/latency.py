"""How long a request may wait for what a spec depends on, in ms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .graph import Edge, Graph, Node

IN_LINE = frozenset({"input", "guardrail", "reranker", "postprocess"})
"""Roles of dependencies that a request passes through."""


def latency(graph: Graph, node: Node, *, optional: bool = False) -> float | None:
    """What the dependencies on a request's way may take, one after the other, in ms; None: none says.

    ``optional``: those that are not required too. Kept with the graph, and worked out without recursion: chains may be
    long, and many ways may lead to one spec.
    """
    kept = _kept(graph, optional=optional)
    work = [node]
    while work:
        current = work[-1]
        if current in kept:
            work.pop()
            continue
        edges = [edge for edge in graph.edges(current) if _counts(edge, optional=optional)]
        missing = [below for edge in edges if (below := _below(graph, edge)) and below not in kept]
        if missing:
            work += missing
            continue
        stages = [taken for edge in edges if (taken := _stage(graph, edge, kept)) is not None]
        kept[current] = sum(stages) if stages else None
    return kept[node]


def stage(graph: Graph, edge: Edge) -> float | None:
    """The time in ms that one dependency may add to a request; None for one not on its way, or that says nothing.

    It is the limit set here, else its own promise, else the time of what it depends on itself.
    """
    if not _counts(edge, optional=False):
        return None
    below = _below(graph, edge)
    if below is not None:
        latency(graph, below)
    return _stage(graph, edge, _kept(graph, optional=False))


def _kept(graph: Graph, *, optional: bool) -> dict[Node, float | None]:
    kept: dict[Node, float | None] = graph.memo.setdefault(("latency", optional), {})
    return kept


def _stage(graph: Graph, edge: Edge, kept: dict[Node, float | None]) -> float | None:
    if edge.reference.max_latency_ms is not None:
        return edge.reference.max_latency_ms
    spec = edge.target.spec
    if spec is not None and not spec.broken and spec.target_latency_ms is not None:
        return spec.target_latency_ms
    below = _below(graph, edge)
    return kept[below] if below is not None else None


def _counts(edge: Edge, *, optional: bool) -> bool:
    return (optional or edge.reference.required) and edge.reference.role in IN_LINE


def _below(graph: Graph, edge: Edge) -> Node | None:
    """The spec whose own dependencies tell the time of this one; None within a circle, which has no end."""
    target, spec = edge.target.node, edge.target.spec
    if edge.reference.max_latency_ms is not None or target is None or spec is None:
        return None
    if spec.broken or spec.target_latency_ms is not None or target in graph.component(edge.source):
        return None
    return target


def spread(before: Graph, after: Graph, keys: Iterable[str]) -> Iterator[str]:
    """Files further up whose sum differs, because that of a file among these does and it promises nothing itself."""
    queue, seen = list(keys), set(keys)
    for key in queue:
        facts = after.files.get(key) or before.files.get(key)
        nodes = [Node(key, spec.document) for spec in facts.specs] if facts is not None else []
        if all(_promises(after, node) or latency(before, node) == latency(after, node) for node in nodes):
            continue
        for user in {*before.referrers(key), *after.referrers(key)} - seen:
            seen.add(user)
            queue.append(user)
            yield user


def _promises(graph: Graph, node: Node) -> bool:
    """Whether a spec stands for what is below it; where it just began or ceased to, its users are looked at anyway."""
    spec = graph.spec(node)
    return spec is not None and spec.target_latency_ms is not None

"""The dependency graph as plain data, for views and the command line: nodes, edges, totals.

The shape is that of the request ``modelspec/dependencyGraph`` and of ``modelspec graph --format json``; keys are added,
never renamed or removed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from typing import Any, Literal

from attrs import evolve, frozen

from modelspec_ls.core.text import Mark

from .graph import Edge, Graph, Node
from .pipeline import Load, Totals, totals
from .references import uri_of

Kind = Literal["spec", "missing", "external", "not-modelspec"]
_STATUS: dict[str, Kind] = {
    "missing": "missing",
    "no-name": "missing",
    "no-fragment": "missing",
    "ambiguous": "missing",
    "unread": "missing",
    "unsought": "missing",
    "folder": "not-modelspec",
    "other": "not-modelspec",
    "broken": "not-modelspec",
    "unreadable": "not-modelspec",
    "external": "external",
}


@frozen
class PictureNode:
    """A spec, or something that a reference leads to and that is none. ``mark``: where its name stands."""

    id: str
    kind: Kind
    name: str
    uri: str | None = None
    key: str = ""
    document: int = 0
    task: str = ""
    model: str = ""
    accelerator: str = ""
    count: int | None = None
    verdict: str | None = None
    errors: int = 0
    warnings: int = 0
    mark: Mark | None = None


@frozen
class PictureEdge:
    """A dependency. ``mark``: where it stands in the file ``uri``. Time in ms."""

    source: str
    target: str
    dependency: str
    role: str
    required: bool
    spec_ref: str
    status: Literal["ok", "missing", "external", "not-modelspec"]
    in_cycle: bool
    max_latency_ms: float | None
    uri: str
    mark: Mark


@frozen
class Picture:
    """Nodes and edges in a stable order. ``root``: the id of the spec that was asked about."""

    root: str | None
    nodes: tuple[PictureNode, ...]
    edges: tuple[PictureEdge, ...]
    totals: dict[str, Totals] | None = None
    """For a root: with what it requires (``required``) and with optional dependencies too (``all``)."""


Count = Callable[[Node], tuple[int, int]]
"""The numbers of errors and warnings of a spec."""


def picture(
    graph: Graph, root: Node | None, load: Load | None, count: Count | None, most: int | None = None
) -> Picture:
    """The graph, or the part of it that hangs together with one spec.

    Args:
        graph: all specs.
        root: only what this spec depends on and what depends on it, at any distance; None for everything.
        load: gives texts for the memory verdicts; None for none.
        count: gives the numbers of errors and warnings of a spec; None for none.
        most: most specs that ``load`` and ``count`` are asked about; None: all.
    """
    members = list(_around(graph, root)) if root is not None else list(_all(graph))
    members.sort()
    within = set(members)
    nodes: dict[str, PictureNode] = {}
    edges: list[PictureEdge] = []
    for number, node in enumerate(members):
        asked = most is None or number < most
        nodes[_id(node)] = _spec_node(graph, node, load if asked else None, count if asked else None)
    for node in members:
        for edge in graph.edges(node):
            if edge.target.node is not None and edge.target.node not in within:
                continue  # What others of its users depend on is no part of it.
            drawn = _edge(graph, edge, nodes)
            if drawn is not None:
                edges.append(drawn)
    known = None
    if root is not None:
        known = {
            "required": totals(graph, root, optional=False, load=load),
            "all": totals(graph, root, optional=True, load=load),
        }
    return Picture(_id(root) if root is not None else None, tuple(nodes.values()), tuple(edges), known)


def _all(graph: Graph) -> Iterator[Node]:
    """Every ModelSpec, and of the OpenModels those that one depends on."""
    for node, spec in graph.nodes():
        if spec.kind == "ModelSpec" or any(user.spec.kind == "ModelSpec" for user in graph.incoming(node)):
            yield node


def _around(graph: Graph, root: Node) -> set[Node]:
    """All that a spec depends on, and all that depends on it."""
    out = set(graph.closure(root, optional=True))
    queue = [root]
    for node in queue:
        for user in graph.incoming(node):
            if user.node not in out:
                out.add(user.node)
                queue.append(user.node)
    return out


def _id(node: Node) -> str:
    return f"{node.key}#{node.document}"


def _spec_node(graph: Graph, node: Node, load: Load | None, count: Count | None) -> PictureNode:
    facts, spec = graph.files[node.key], graph.spec(node)
    assert spec is not None
    report = load.report(node) if load is not None else None
    errors, warnings = count(node) if count is not None else (0, 0)
    return PictureNode(
        _id(node), "spec", spec.title, facts.uri, node.key, node.document, spec.task, spec.model, spec.accelerator,
        spec.count, report.verdict if report is not None else None, errors, warnings, spec.mark(("metadata", "name")),
    )  # fmt: skip


def _edge(graph: Graph, edge: Edge, nodes: dict[str, PictureNode]) -> PictureEdge | None:
    """An edge, and the node at its end where that is no spec; None for an entry that refers to nothing yet."""
    target, reference, source = edge.target, edge.reference, graph.spec(edge.source)
    assert source is not None
    if target.node is not None:
        status: Literal["ok", "missing", "external", "not-modelspec"] = "ok"
        ident = _id(target.node)
        if ident not in nodes:
            nodes[ident] = _spec_node(graph, target.node, None, None)
    elif target.outcome in _STATUS:
        kind = _STATUS[target.outcome]
        status = "missing" if kind == "spec" else kind
        key = target.key or (target.tried[0] if target.tried else "")
        in_words = target.outcome in {"no-fragment", "ambiguous"}
        ident = f"ref:{key}#{reference.target.fragment or reference.target.text}" if in_words else key
        ident = ident or f"ref:{reference.spec_ref}"
        uri = graph.files[target.key].uri if target.key else uri_of(key) if key else None
        label = reference.spec_ref or reference.id
        before = nodes.setdefault(ident, PictureNode(ident, kind, label, uri, key))
        if before.name != label and key:
            # Each file spells the way there from its own place: one label says it from the root.
            name = posixpath.relpath(key, graph.root_of(edge.source.key) or "/") if key.startswith("/") else key
            fragment = f"#{reference.target.fragment}" if reference.target.fragment else ""
            nodes[ident] = evolve(before, name=name + fragment)
    else:
        return None
    path = reference.path("specRef")
    return PictureEdge(
        _id(edge.source), ident, reference.id, reference.role, reference.required, reference.spec_ref, status,
        bool(graph.cycle(edge)), reference.max_latency_ms, graph.files[edge.source.key].uri, source.mark(path),
    )  # fmt: skip


def as_data(found: Picture, place: Callable[[Mark], Any], path: Callable[[str], str] | None = None) -> dict[str, Any]:
    """The picture as JSON values.

    Args:
        found: the picture.
        place: a mark as a range of the reader's protocol.
        path: a file key as a path that the reader knows, to be added to each node; None leaves it out.
    """
    return {
        "root": found.root,
        "nodes": [
            {
                "id": n.id,
                "uri": n.uri,
                **({"path": path(n.key) if n.key else None} if path is not None else {}),
                "document": n.document,
                "name": n.name,
                "kind": n.kind,
                "task": n.task,
                "model": n.model,
                "accelerator": {"type": n.accelerator, "count": n.count} if n.accelerator else None,
                "verdict": n.verdict,
                "errors": n.errors,
                "warnings": n.warnings,
                "range": place(n.mark) if n.mark is not None else None,
            }
            for n in found.nodes
        ],
        "edges": [
            {
                "from": e.source,
                "to": e.target,
                "dependency": e.dependency,
                "role": e.role,
                "required": e.required,
                "specRef": e.spec_ref,
                "status": e.status,
                "inCycle": e.in_cycle,
                "maxLatencyMs": e.max_latency_ms,
                "uri": e.uri,
                "range": place(e.mark),
            }
            for e in found.edges
        ],
        "totals": {name: _totals(t) for name, t in found.totals.items()} if found.totals else None,
    }


def _totals(found: Totals) -> dict[str, Any]:
    return {
        "specs": found.specs,
        "accelerators": {"min": found.least, "max": found.most},
        "byType": [{"type": d.type, "min": d.least, "max": d.most} for d in found.devices],
        "memoryGiB": {"min": _rounded(found.memory_least), "max": _rounded(found.memory_most)},
        "latencyMs": found.latency,
        "withoutCount": found.uncounted,
        "unresolved": list(found.unresolved),
    }


def _rounded(value: float | None) -> float | None:
    return round(value, 1) if value is not None else None

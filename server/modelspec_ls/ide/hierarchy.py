"""Dependencies as a call hierarchy: who depends on a spec, and what it depends on."""

from __future__ import annotations

from modelspec_ls.core.words import join
from modelspec_ls.workspace.facts import NAME
from modelspec_ls.workspace.graph import Graph, Node
from modelspec_ls.workspace.snapshot import Snapshot

from .results import HierarchyCall, HierarchyItem
from .subject import at, subject_at


def prepare(snapshot: Snapshot, uri: str, offset: int) -> tuple[HierarchyItem, ...]:
    """The spec under the cursor: that behind a dependency, else the one that the cursor is in."""
    document = snapshot.document(uri)
    if document is None:
        return ()
    subject = subject_at(snapshot, document, offset)
    node = snapshot.graph.meant(subject.edge) if subject is not None and subject.edge is not None else None
    if node is None:
        number = next((d.number for d in reversed(document.tree.documents) if offset >= d.start), 0)
        node = Node(document.key, number)
    return (item(snapshot.graph, node),) if snapshot.graph.spec(node) is not None else ()


def incoming(snapshot: Snapshot, node: Node) -> tuple[HierarchyCall, ...]:
    """The specs that depend on one, with the places where they say so."""
    graph = snapshot.graph
    calls: dict[Node, list[str]] = {}
    places: dict[Node, list[tuple[str | int, ...]]] = {}
    for user in graph.users(node) if graph.spec(node) is not None else ():
        calls.setdefault(user.node, []).append(user.reference.role)
        places.setdefault(user.node, []).append(user.reference.told_at)
    return tuple(
        HierarchyCall(item(graph, user, join(calls[user])), tuple(at(graph, user, path) for path in places[user]))
        for user in calls
    )


def outgoing(snapshot: Snapshot, node: Node) -> tuple[HierarchyCall, ...]:
    """The specs that one depends on, with the places where it says so."""
    graph = snapshot.graph
    roles: dict[Node, list[str]] = {}
    places: dict[Node, list[tuple[str | int, ...]]] = {}
    for edge in graph.edges(node):
        target = graph.meant(edge)
        if target is not None:
            roles.setdefault(target, []).append(edge.reference.role)
            places.setdefault(target, []).append(edge.reference.told_at)
    return tuple(
        HierarchyCall(item(graph, target, join(roles[target])), tuple(at(graph, node, p) for p in places[target]))
        for target in roles
    )


def item(graph: Graph, node: Node, role: str = "") -> HierarchyItem:
    """A spec as an entry of the tree."""
    spec = graph.spec(node)
    assert spec is not None
    detail = " · ".join(part for part in (role, spec.task, spec.accelerator) if part)
    return HierarchyItem(spec.title, detail, at(graph, node, NAME), node.key, node.document)

"""From one spec to another: definitions, implementations, references."""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.path import DocPath
from modelspec_ls.core.text import Mark
from modelspec_ls.workspace.entries import BASE_MODEL, DRAFT_MODEL
from modelspec_ls.workspace.facts import MODEL_ID, NAME
from modelspec_ls.workspace.graph import Edge, Graph, Node
from modelspec_ls.workspace.lineage import heirs
from modelspec_ls.workspace.snapshot import Snapshot

from .results import Location
from .subject import (
    Subject,
    at,
    models_of_flavor,
    places_of_accelerator,
    places_of_flavor,
    places_of_model,
    places_of_owner,
    subject_at,
)

_TOP = Mark(0, 0, 0)


def definition(snapshot: Snapshot, uri: str, offset: int) -> tuple[Location, ...]:
    """Where the spec behind a dependency is defined, or the specs that deploy a base or draft model."""
    subject = _subject(snapshot, uri, offset)
    if subject is None:
        return ()
    graph = snapshot.graph
    if subject.kind == "spec":
        return (at(graph, subject.node, NAME),)
    if subject.kind == "flavor":
        models = models_of_flavor(graph, subject)
        return tuple(at(graph, *place) for model in models for place in _declared(graph, model, subject.text))
    if subject.edge is not None:
        return _behind(graph, subject.edge)
    if subject.kind == "model" and subject.spot.place.path in {BASE_MODEL, DRAFT_MODEL}:
        return tuple(places_of_model(graph, subject.text, (MODEL_ID,), snapshot.scope(uri).catalogue))
    return ()


def implementation(snapshot: Snapshot, uri: str, offset: int) -> tuple[Location, ...]:
    """The specs that deploy a model; for a dependency the spec behind it."""
    subject = _subject(snapshot, uri, offset)
    if subject is not None and subject.kind == "model":
        return tuple(places_of_model(snapshot.graph, subject.text, (MODEL_ID,), snapshot.scope(uri).catalogue))
    return definition(snapshot, uri, offset) if subject is not None and subject.kind == "dependency" else ()


def references(snapshot: Snapshot, uri: str, offset: int, *, declaration: bool) -> tuple[Location, ...]:
    """Who depends on a spec, deploys a model, belongs to an owner or asks for an accelerator."""
    subject = _subject(snapshot, uri, offset)
    if subject is None:
        return ()
    graph = snapshot.graph
    if subject.kind == "model":
        paths = (MODEL_ID, BASE_MODEL, DRAFT_MODEL)
        return tuple(places_of_model(graph, subject.text, paths, snapshot.scope(uri).catalogue))
    if subject.kind == "owner":
        return tuple(places_of_owner(graph, subject.text))
    if subject.kind == "accelerator":
        return tuple(places_of_accelerator(graph, subject.text, snapshot.scope(uri).catalogue))
    if subject.kind == "flavor":
        models = models_of_flavor(graph, subject)
        found = (p for m in models for p in places_of_flavor(graph, m, subject.text, declaration=declaration))
        return tuple(at(graph, *place) for place in dict.fromkeys(found))
    node = subject.node if subject.kind == "spec" else graph.meant(subject.edge) if subject.edge else None
    if node is None:
        return tuple(_fellows(graph, subject.edge)) if subject.edge is not None else ()
    users = [at(graph, user.node, user.reference.told_at) for user in (*graph.users(node), *heirs(graph, node))]
    return (*((at(graph, node, NAME),) if declaration else ()), *users)


def _declared(graph: Graph, model: Node, name: str) -> Iterator[tuple[Node, DocPath]]:
    return (place for place in places_of_flavor(graph, model, name, declaration=True) if place[0] == model)


def _subject(snapshot: Snapshot, uri: str, offset: int) -> Subject | None:
    document = snapshot.document(uri)
    return subject_at(snapshot, document, offset) if document is not None else None


def _behind(graph: Graph, edge: Edge) -> tuple[Location, ...]:
    node = graph.meant(edge)
    if node is not None:
        return (at(graph, node, NAME),)
    if edge.target.outcome == "ambiguous":
        named = graph.bearing(edge.reference.target)
        return tuple(at(graph, other, NAME) for other, _ in named if other.key in edge.target.names)
    facts = graph.files.get(edge.target.key)
    return (Location(facts.uri, _TOP),) if facts is not None and facts.state not in {"missing", "folder"} else ()


def _fellows(graph: Graph, edge: Edge) -> Iterator[Location]:
    """The dependencies that lead to the same place, where there is no spec to ask."""
    ref, tried = edge.reference.target, edge.target.tried
    for node, spec in graph.parts():
        if not spec.entries:
            continue
        for other in graph.entries(node):
            if other.reference.target.kind != ref.kind or ref.kind == "empty":
                continue
            if other.target.tried[:1] == tried[:1] if tried else other.reference.target == ref:
                yield at(graph, node, other.reference.path("specRef"))

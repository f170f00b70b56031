"""What the cursor is on, as far as other specs know it too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Literal

from attrs import frozen

from modelspec_ls.core.path import DocPath
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.spec.openmodel import MODEL_ID as HUB_ID
from modelspec_ls.spec.openmodel import URI
from modelspec_ls.spec.view import ACCELERATOR, ANNOTATIONS
from modelspec_ls.syntax.lookup import Spot, spot_at
from modelspec_ls.syntax.nodes import Scalar, deref
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.entries import BASE_MODEL, DEPENDENCIES, DRAFT_MODEL, HINTS
from modelspec_ls.workspace.facts import MODEL_ID, NAME, OWNER, SpecFacts
from modelspec_ls.workspace.graph import Edge, Graph, Node
from modelspec_ls.workspace.snapshot import Snapshot

from .results import Location

TYPE: DocPath = (*ACCELERATOR, "type")
_OWNERS = (OWNER, (*ANNOTATIONS, "owner"))


@frozen
class Subject:
    """``spec`` (by its name), ``dependency`` (one entry), ``model``, ``owner`` or ``accelerator`` (by their text).

    A hint that names a spec is like the ``specRef`` of a dependency.

    ``flavor``: one of an OpenModel, by its name there or where it is claimed.
    """

    kind: Literal["spec", "dependency", "flavor", "model", "owner", "accelerator"]
    spot: Spot
    node: Node
    """The spec that the cursor is in."""
    text: str = ""
    edge: Edge | None = None
    field: str = ""
    """The field of the dependency."""


def subject_at(snapshot: Snapshot, document: Document, offset: int) -> Subject | None:
    """The subject at an offset; None for anything that only its own file knows, and where there is no spec."""
    spot = spot_at(document.tree, offset)
    if spot is None:
        return None
    path = spot.place.path
    node = Node(document.key, spot.place.document)
    spec = snapshot.graph.spec(node)
    if spec is None:
        return None
    value = deref(spot.node)
    text = value.value if isinstance(value, Scalar) else ""
    if path in HINTS:
        edge = next((e for e in snapshot.graph.lineage(document.key, spec) if e.reference.path() == path), None)
        if edge is not None:
            return Subject("dependency", spot, node, text, edge, "specRef")
        return Subject("model", spot, node, text.partition(";")[0].strip())
    if spec.kind != "ModelSpec":
        return _of_llmaz(snapshot.graph, spec, spot, node, text)
    if path == NAME:
        return Subject("spec", spot, node, text)
    if path[: len(DEPENDENCIES)] == DEPENDENCIES and len(path) == len(DEPENDENCIES) + 2:
        edge = next((e for e in snapshot.graph.edges(node) if e.reference.index == path[-2]), None)
        return Subject("dependency", spot, node, text, edge, str(path[-1])) if edge is not None else None
    if path == MODEL_ID:
        return Subject("model", spot, node, text.strip())
    if path in _OWNERS:
        return Subject("owner", spot, node, text)
    return Subject("accelerator", spot, node, text) if path == TYPE else None


def _of_llmaz(graph: Graph, spec: SpecFacts, spot: Spot, node: Node, text: str) -> Subject | None:
    path = spot.place.path
    if spec.flavors_at and any(path == spec.flavor_path(n) for n in range(len(spec.flavors))):
        return Subject("flavor", spot, node, text)
    if spec.kind == "OpenModel":
        if path == NAME:
            return Subject("spec", spot, node, text)
        return Subject("model", spot, node, text) if path in {HUB_ID, URI} else None
    edge = next((e for e in graph.edges(node) if path == e.reference.path("specRef")), None)
    return Subject("dependency", spot, node, text, edge, "specRef") if edge is not None else None


def models_of_flavor(graph: Graph, subject: Subject) -> tuple[Node, ...]:
    """The OpenModels whose flavor a subject is: the one it stands in, or those that are claimed and have one of it."""
    spec = graph.spec(subject.node)
    if spec is None or spec.kind == "OpenModel":
        return (subject.node,)
    found = (edge.target for edge in graph.edges(subject.node))
    return tuple(t.node for t in found if t.node is not None and t.spec and subject.text in t.spec.flavors)


def places_of_flavor(graph: Graph, model: Node, name: str, *, declaration: bool) -> Iterator[tuple[Node, DocPath]]:
    """Where a flavor of an OpenModel is named: in the model itself, and by those that claim it."""
    users = dict.fromkeys(user.node for user in graph.incoming(model))
    for node in ((model,) if declaration else ()) + tuple(users):
        spec = graph.spec(node)
        if spec is not None and spec.flavors_at:
            yield from ((node, spec.flavor_path(n)) for n, said in enumerate(spec.flavors) if said == name)


def places_of_model(graph: Graph, text: str, paths: tuple[DocPath, ...], catalogue: Catalogue) -> Iterator[Location]:
    """Where specs name a model, or another spelling of it, as the folder of the one who asks knows them."""
    wanted = _model(text, catalogue)
    values: dict[DocPath, Callable[[SpecFacts], str]] = {
        MODEL_ID: lambda spec: spec.model,
        BASE_MODEL: lambda spec: spec.base_model,
        DRAFT_MODEL: lambda spec: spec.draft_model,
    }
    for node, spec in graph.nodes():
        for path in paths:
            if (said := values[path](spec)) and _model(said, catalogue) == wanted:
                yield at(graph, node, path)


def places_of_owner(graph: Graph, text: str) -> Iterator[Location]:
    """Where specs name an owner."""
    wanted = text.strip().casefold()
    for node, spec in graph.nodes():
        if spec.owner.strip().casefold() == wanted:
            yield at(graph, node, next((path for path in _OWNERS if path in spec.marks), OWNER))


def places_of_accelerator(graph: Graph, text: str, catalogue: Catalogue) -> Iterator[Location]:
    """Where specs ask for an accelerator, under any of its names."""
    wanted = _accelerator(text, catalogue)
    for node, spec in graph.nodes():
        if spec.accelerator and _accelerator(spec.accelerator, catalogue) == wanted:
            yield at(graph, node, TYPE)


def at(graph: Graph, node: Node, path: DocPath) -> Location:
    """A place in a spec, open or not."""
    spec = graph.spec(node)
    assert spec is not None
    return Location(graph.files[node.key].uri, spec.mark(path))


def _model(text: str, catalogue: Catalogue) -> str:
    found = catalogue.resolve(text)
    return found.model.id if found.model is not None and found.grade != "repackaged" else text.strip().casefold()


@lru_cache(maxsize=4096)
def _accelerator(text: str, catalogue: Catalogue) -> str:
    match = catalogue.find_accelerator(text)
    return match.accelerator.id if match.accelerator is not None else text.strip().casefold()

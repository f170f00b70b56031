"""What the specs of a text deploy, with all that is known around them; kept with the text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.lineage import NONE, Lineage
from modelspec_ls.spec.openmodel import FlavorDeployment, OpenModelDeployment
from modelspec_ls.spec.view import SpecView

from .checkpoints import Query, Reading, query_of, read
from .document import Document
from .facts import hinting
from .kinds import Standing
from .lineage import lineages
from .link import link_lineage
from .views import view_of

if TYPE_CHECKING:
    from .snapshot import Snapshot


@frozen
class Known:
    """What is known of a spec beyond its own text: its checkpoint on disk, and the specs that its hints lead to."""

    reading: Reading | None = None
    lineage: Lineage = NONE


NOTHING = Known()


def deployment_of(document: Document, number: int, catalogue: Catalogue, known: Known | None = None) -> Deployment:
    """The deployment of one document of a stream, by its number; ``known``: what else is known of it."""
    known = known or NOTHING
    kept: dict[int, tuple[Catalogue, Known, Deployment]] = document.memo.setdefault("deployments", {})
    found = kept.get(number)
    if found is None or found[0] is not catalogue or found[1] != known:
        view = view_of(document, number)
        if catalogue.environments:
            view = SpecView(document.tree.documents[number], catalogue.environments)
        make = OpenModelDeployment if document.roles[number].standing is Standing.NEIGHBOUR else Deployment
        checkpoint = known.reading.facts if known.reading else None
        found = kept[number] = catalogue, known, make(view, catalogue, checkpoint, known.lineage)
    return found[2]


def deployment_in(snapshot: Snapshot, document: Document, number: int) -> Deployment:
    """The deployment of one document as a snapshot sees it."""
    known = known_in(snapshot, document).get(number)
    return deployment_of(document, number, snapshot.scope(document.uri).catalogue, known)


def flavors_in(snapshot: Snapshot, document: Document, number: int) -> tuple[FlavorDeployment, ...]:
    """What each flavor of an OpenModel deploys, as a snapshot sees it; none for any other document."""
    found = deployment_in(snapshot, document, number)
    return found.flavors if isinstance(found, OpenModelDeployment) else ()


def queries_in(snapshot: Snapshot, document: Document) -> Mapping[int, Query]:
    """Where the checkpoints of a text's specs may lie, by the number of the document."""
    catalogue = snapshot.scope(document.uri).catalogue
    kept: tuple[Catalogue, Mapping[int, Query]] | None = document.memo.get("queries")
    if kept is None or kept[0] is not catalogue:
        found = ((n, query_of(view_of(document, n), document.uri, catalogue)) for n in document.spec_numbers)
        kept = document.memo["queries"] = catalogue, {n: query for n, query in found if query is not None}
    return kept[1]


def readings_in(snapshot: Snapshot, document: Document) -> Mapping[int, Reading]:
    """What is known of the checkpoints of a text's specs, by the number of the document, where it tells anything."""
    if not snapshot.checkpoints:
        return {}
    found = ((n, snapshot.checkpoints.get(query)) for n, query in queries_in(snapshot, document).items())
    return {n: reading for n, reading in found if reading is not None and reading.tells}


def known_in(snapshot: Snapshot, document: Document) -> Mapping[int, Known]:
    """What is known of a text's specs beyond it, by the number of the document; of most texts nothing."""
    if not snapshot.checkpoints and not hinting(document):
        return {}
    found = {number: Known(reading) for number, reading in readings_in(snapshot, document).items()}
    for number, lineage in lineages(snapshot.graph, document.key, hinting(document)).items():
        found[number] = evolve(found.get(number, NOTHING), lineage=lineage)
    return found


def looking_around(snapshot: Snapshot, document: Document) -> Snapshot:
    """The snapshot after a look at the disk for what the specs of a text name. This waits for the disk."""
    if hinting(document):
        snapshot = snapshot.with_graph(link_lineage(snapshot.graph, document, snapshot.config.limits))
    wanted = {query for query in queries_in(snapshot, document).values() if query not in snapshot.checkpoints}
    found = {query: read(query) for query in wanted}
    return snapshot.with_readings({**snapshot.checkpoints, **found}) if found else snapshot

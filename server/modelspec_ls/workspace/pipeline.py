"""What a spec needs with everything it depends on: accelerators, memory and latency, each spec counted once."""

from __future__ import annotations

from attrs import field, frozen

from modelspec_ls.core.words import join
from modelspec_ls.fit.adapt import device_of
from modelspec_ls.fit.report import FitReport
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.spec.openmodel import FlavorDeployment

from .deployments import deployment_in, flavors_in
from .document import Document
from .facts import SpecFacts
from .graph import Graph, Node
from .latency import latency
from .link import document_on_disk
from .references import uri_of
from .snapshot import Snapshot

_NAMED = 3
_MOST_LOOKED = 200
"""Most specs whose accelerators are looked up for one answer."""


class Load:
    """Gives files by their keys: the open document, else what lies on disk. What was read is kept.

    ``looks``: whether catalogues of folders that nobody has looked at are read, too.
    """

    def __init__(self, snapshot: Snapshot, *, looks: bool = True) -> None:
        self._snapshot = snapshot
        self._looks = looks
        self._opened = {document.key: document for document in snapshot.documents.values()}
        self._kept: dict[str, Document | None] = {}
        self._cards: dict[tuple[Catalogue, str, str], float | None] = {}

    def __call__(self, key: str) -> Document | None:
        """The file; None where it cannot be read."""
        document = self._opened.get(key)
        if document is None:
            if key not in self._kept:
                self._kept[key] = document_on_disk(key)
            document = self._kept[key]
        return document

    def report(self, node: Node) -> FitReport | None:
        """The memory estimate of a spec; None where its file cannot be read or says too little."""
        document = self(node.key)
        if document is None or node.document >= len(document.tree.documents) or document.tree.changes:
            return None
        self._snapshot = self._snapshot.covering(document.uri)
        return deployment_in(self._snapshot, document, node.document).report

    def memory(self, node: Node, spec: SpecFacts) -> float | None:
        """GiB of one of a spec's accelerators, as engines see it; None where its name says no known one."""
        if spec.broken or not spec.accelerator:
            return None
        uri = uri_of(node.key)
        if self._looks:
            self._snapshot = self._snapshot.covering(uri)
        catalogue = self._snapshot.scope(uri).catalogue
        asked = catalogue, spec.accelerator, spec.vendor
        if asked not in self._cards:
            card = catalogue.find_accelerator(spec.accelerator, spec.vendor or None).accelerator
            self._cards[asked] = device_of(card).memory_gib if card is not None else None
        return self._cards[asked]

    def flavors(self, node: Node) -> tuple[FlavorDeployment, ...]:
        """The flavors of an OpenModel; none where its file cannot be read, or for a ModelSpec."""
        document = self(node.key)
        if document is None or node.document >= len(document.tree.documents) or document.tree.changes:
            return ()
        self._snapshot = self._snapshot.covering(document.uri)
        return flavors_in(self._snapshot, document, node.document)


@frozen
class Devices:
    """Accelerators of one type, at the fewest and at the most replicas."""

    type: str
    least: int
    most: int


@frozen
class Totals:
    """A spec with what it depends on. Memory in GiB, times in ms.

    ``memory_least`` and ``memory_most``: the memory of all accelerators at the fewest and at the most replicas; None
    where some accelerator's is not known. ``latency``: what the dependencies on a request's way may take; None where
    none says. ``uncounted``: specs that do not say how many accelerators they need. ``unresolved``: ids of dependencies
    that could not be followed.
    """

    specs: int
    devices: tuple[Devices, ...]
    memory_least: float | None = None
    memory_most: float | None = None
    latency: float | None = None
    uncounted: int = 0
    unresolved: tuple[str, ...] = field(default=())

    @property
    def least(self) -> int:
        """Accelerators at the fewest replicas."""
        return sum(d.least for d in self.devices)

    @property
    def most(self) -> int:
        """Accelerators at the most replicas."""
        return sum(d.most for d in self.devices)

    @property
    def left_out(self) -> str:
        """``not counted: a, b, c and 2 more``, of the dependencies that could not be followed; empty without any."""
        more = len(self.unresolved) - _NAMED
        names = [*self.unresolved[:_NAMED], *([f"{more} more"] if more > 0 else [])]
        return f"not counted: {join(names)}" if names else ""


def totals(graph: Graph, node: Node, *, optional: bool, load: Load | None = None) -> Totals:
    """Count a spec with its dependencies, ``optional`` ones too or only the required. ``load``: also their memory."""
    nodes = graph.closure(node, optional=optional)
    devices: dict[str, tuple[int, int]] = {}
    unresolved: list[str] = []
    uncounted = 0
    least: float | None = 0.0
    most: float | None = 0.0
    for number, member in enumerate(nodes):
        spec = graph.spec(member)
        if spec is None:
            continue
        unresolved += [
            e.reference.id or e.reference.spec_ref or e.reference.role
            for e in graph.edges(member)
            if e.target.node is None and (optional or e.reference.required)
        ]
        if spec.count is None:
            uncounted += 1
            continue
        low, high = replicas(spec)
        card = spec.accelerator.strip().casefold()
        before = devices.get(card, (0, 0))
        devices[card] = (before[0] + low * spec.count, before[1] + high * spec.count)
        each = load.memory(member, spec) if load is not None and number < _MOST_LOOKED else None
        least = None if least is None or each is None else least + each * low * spec.count
        most = None if most is None or each is None else most + each * high * spec.count
    counted = tuple(Devices(type_, *both) for type_, both in sorted(devices.items()))
    taken = latency(graph, node, optional=optional)
    return Totals(len(nodes), counted, least, most, taken, uncounted, tuple(dict.fromkeys(unresolved)))


def replicas(spec: SpecFacts) -> tuple[int, int]:
    """The fewest and the most replicas; one where nothing is said."""
    least = spec.min_replicas if spec.min_replicas is not None else 1
    most = spec.max_replicas if spec.max_replicas is not None else max(least, 1)
    return least, max(least, most)

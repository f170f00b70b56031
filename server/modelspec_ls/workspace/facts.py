"""What one file declares and refers to: all that other files may depend on, compared by value.

Places are kept as marks, so that an edit elsewhere in a file leaves its facts equal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal

from attrs import field

from modelspec_ls.core.finding import Place
from modelspec_ls.core.packed import packed
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.records import record
from modelspec_ls.core.text import LineIndex, Mark, PlainMark
from modelspec_ls.spec.environment import environment_of
from modelspec_ls.spec.hints import PREFIX
from modelspec_ls.spec.lineage import Ancestor
from modelspec_ls.spec.view import (
    ACCELERATOR,
    ANNOTATIONS,
    LABELS,
    MODEL,
    SCALING,
    SpecView,
    read_boolean,
    read_number,
    read_text,
)
from modelspec_ls.syntax.data import MANY_ITEMS, item_source
from modelspec_ls.syntax.lookup import Found, locate, pairs_of, part_span
from modelspec_ls.syntax.nodes import Document as SyntaxDocument
from modelspec_ls.syntax.nodes import Node, Pair, Scalar, Sequence, Tree, deref

from .document import Document
from .entries import (
    BASE_MODEL,
    DEPENDENCIES,
    DRAFT_MODEL,
    HINTS,
    HintReference,
    Reference,
    RepeatedStep,
    hinted_specs,
    reference_path,
)
from .kinds import Role, Standing
from .suppressions import Suppression, suppressions
from .views import view_of

SPEC_KINDS = frozenset({"ModelSpec", "OpenModel"})
"""What others may refer to."""
NAME: DocPath = ("metadata", "name")
LATENCY: DocPath = (*SCALING, "targetLatencyMsP95")
RPS: DocPath = (*SCALING, "targetRps")
MIN_REPLICAS: DocPath = (*SCALING, "minReplicas")
MODEL_ID: DocPath = (*MODEL, "id")
MODEL_URI: DocPath = (*MODEL, "artifacts", "modelUri")
TASK: DocPath = (*MODEL, "task")
PII: DocPath = ("spec", "governance", "compliance", "pii", "allowed")
LOGS: DocPath = ("spec", "governance", "compliance", "retention", "logsDays")
OWNER: DocPath = ("spec", "governance", "compliance", "governance", "owner")

_MARKED: tuple[DocPath, ...] = (
    NAME, MODEL_ID, TASK, (*ACCELERATOR, "type"), LATENCY, RPS, MIN_REPLICAS, PII, LOGS, OWNER, *HINTS,
)  # fmt: skip
_REFERENCE_FIELDS = ("id", "role", "specRef", "required")


@packed
@record(unsafe_hash=False)
class SpecFacts:
    """One document that has a name or refers to others. Empty or None where nothing readable is said. Times in ms.

    ``kind``: ModelSpec, OpenModel, or one that claims models: Playground, Service.
    """

    document: int
    kind: str = "ModelSpec"
    name: str = ""
    environment: str = ""
    model: str = ""
    family: str = ""
    task: str = ""
    framework: str = ""
    vendor: str = ""
    accelerator: str = ""
    count: int | None = None
    owner: str = ""
    base_model: str = ""
    draft_model: str = ""
    model_uri: str = ""
    parameter_count: str = ""
    architecture: str = ""
    min_replicas: int | None = None
    max_replicas: int | None = None
    target_latency_ms: float | None = None
    target_rps: float | None = None
    pii_allowed: bool | None = None
    logs_days: int | None = None
    labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    lineage: tuple[HintReference, ...] = ()
    """The hints that name a spec: these are no dependencies."""
    repeated: tuple[RepeatedStep, ...] = ()
    flavors: tuple[str, ...] = ()
    """Names of the flavors that an OpenModel has, or that a claim picks; with their marks below ``flavors_at``."""
    flavors_at: DocPath = ()
    broken: bool = False
    """Whether some of its text had to be repaired, so that it says nothing for certain."""
    marks: Mapping[DocPath, PlainMark] = field(factory=dict, repr=False)

    @property
    def entries(self) -> tuple[Reference, ...]:
        """All that refers to others: dependencies or claims, and hints."""
        return (*self.references, *self.lineage) if self.lineage else self.references

    def mark(self, path: DocPath) -> Mark:
        """Where a value stands, or the nearest one above it; the first line where nothing does."""
        while path:
            found = self.marks.get(path)
            if found is not None:
                return Mark(*found)
            path = path[:-1]
        return Mark(*self.marks.get((), _TOP))

    def texts(self) -> Iterator[str]:
        """All that it says in words, which messages may repeat."""
        yield from (self.name, self.environment, self.model, self.family, self.task, self.framework, self.accelerator)
        yield from (self.vendor, self.owner, self.base_model, self.draft_model, *self.annotations, *self.flavors)
        yield from (text for label in self.labels for text in label)
        yield from (self.model_uri, self.parameter_count, self.architecture)
        for reference in self.entries:
            yield from (reference.id, reference.role, reference.spec_ref, reference.input_type, reference.output_type)
        for step in self.repeated:
            yield from (step.name, step.type)

    @property
    def title(self) -> str:
        """The name by which people know it."""
        return self.name or self.model or "a spec without a name"

    @property
    def ancestor(self) -> Ancestor:
        """What counts of it for specs that are made from it."""
        names = (self.base_model, self.model_uri, self.model)
        return Ancestor(tuple(name for name in names if name), self.parameter_count, self.architecture)

    def flavor_path(self, index: int) -> DocPath:
        """Where the name of a flavor stands."""
        at = (*self.flavors_at, index)
        return (*at, "name") if self.kind == "OpenModel" else at


_TOP: PlainMark = (0, 0, 0, "")
State = Literal["specs", "other", "broken", "folder", "missing", "unreadable", "link"]


@packed
@record(unsafe_hash=False)
class FileFacts:
    """One file as others see it.

    ``uri``: its name in the protocol. ``state``: what stands there. ``what``: the same in words, for messages.
    ``faults``: the number of errors in its text and by the schema, and the first message; None: not known yet.
    ``guest``: it is known only because a spec refers to it. ``suppressions``: what it asks not to be told.
    ``real``: the key of the file that links on the way lead to; of a ``link`` that one is known and counts.
    """

    uri: str
    state: State
    specs: tuple[SpecFacts, ...] = ()
    what: str = ""
    faults: tuple[int, str] | None = None
    guest: bool = False
    suppressions: tuple[Suppression, ...] = ()
    claims: tuple[SpecFacts, ...] = ()
    """What claims models by name and is no spec itself."""
    real: str = ""

    @property
    def linked(self) -> bool:
        """Whether anything in it is part of the graph."""
        return bool(self.specs or self.claims)

    @property
    def parts(self) -> tuple[SpecFacts, ...]:
        """All that may refer to others."""
        return (*self.specs, *self.claims) if self.claims else self.specs


def facts(document: Document) -> tuple[SpecFacts, ...]:
    """The facts of every ModelSpec and OpenModel in a text; kept with the text."""
    return tuple(f for f in all_facts(document) if f.kind in SPEC_KINDS)


def hinting(document: Document) -> tuple[SpecFacts, ...]:
    """Those with a hint that names another spec: hardly ever any. Kept with the text."""
    kept: tuple[SpecFacts, ...] | None = document.memo.get("hinting")
    if kept is None:
        kept = document.memo["hinting"] = tuple(spec for spec in facts(document) if spec.lineage)
    return kept


def all_facts(document: Document) -> tuple[SpecFacts, ...]:
    """The same with what claims models; kept with the text."""
    kept: tuple[SpecFacts, ...] | None = document.memo.get("facts")
    if kept is None:
        parts = zip(document.tree.documents, document.roles, strict=True)
        found = (_part_facts(document, part, role) for part, role in parts if role.linked)
        kept = document.memo["facts"] = tuple(found)
    return kept


def _part_facts(document: Document, part: SyntaxDocument, role: Role) -> SpecFacts:
    if role.standing is Standing.SPEC:
        return _facts(document, part)
    from .claims import claim_facts, model_facts  # noqa: PLC0415  (it rests on this module)

    return model_facts(document, part) if role.standing is Standing.NEIGHBOUR else claim_facts(document, part, role)


def file_facts(document: Document, faults: tuple[int, str] | None = None) -> FileFacts:
    """A text as others see it."""
    found = all_facts(document)
    specs = tuple(f for f in found if f.kind in SPEC_KINDS)
    claims = tuple(f for f in found if f.kind not in SPEC_KINDS)
    if specs:
        kept = suppressions(document)
        return FileFacts(document.uri, "specs", specs, faults=faults, suppressions=kept, claims=claims)
    if claims:
        what = f"a {claims[0].kind}"
        return FileFacts(document.uri, "other", what=what, suppressions=suppressions(document), claims=claims)
    if document.oversized:
        return FileFacts(document.uri, "unreadable", what="too large to be read")
    if document.tree.problems and not any(problem.template for problem in document.tree.problems):
        return FileFacts(document.uri, "broken", what="broken YAML")
    kinds = [role.kind for role in document.roles if role.kind]
    return FileFacts(document.uri, "other", what=f"a {kinds[0]}" if kinds else "a file without `kind: ModelSpec`")


def _facts(document: Document, part: SyntaxDocument) -> SpecFacts:
    view = view_of(document, part.number)

    def text(path: DocPath) -> str:
        return view.text(*path).value or ""

    name = text(NAME)
    labels = view.map(*LABELS)
    annotations = view.keys(*ANNOTATIONS)
    references, places = _references(document, part, view)
    repeated, more = _repeated(document, part, view)
    owner = text(OWNER) or (text((*ANNOTATIONS, "owner")) if "owner" in annotations else "")
    return SpecFacts(
        document=part.number,
        name=name,
        environment=environment_of(labels, name),
        model=text(MODEL_ID),
        family=text((*MODEL, "family")),
        task=text(TASK),
        framework=text((*MODEL, "framework")),
        vendor=text((*ACCELERATOR, "vendor")),
        accelerator=text((*ACCELERATOR, "type")),
        count=view.integer(*ACCELERATOR, "count").value,
        owner=owner,
        **hints_of(view, annotations),
        model_uri=text(MODEL_URI),
        min_replicas=view.integer(*MIN_REPLICAS).value,
        max_replicas=view.integer(*SCALING, "maxReplicas").value,
        target_latency_ms=view.number(*LATENCY).value,
        target_rps=view.number(*RPS).value,
        pii_allowed=view.boolean(*PII).value,
        logs_days=view.integer(*LOGS).value,
        labels=tuple(labels.items()),
        annotations=annotations,
        references=references,
        repeated=repeated,
        broken=is_repaired(document, part),
        marks={**marks_of(document, part, view, *_MARKED, DEPENDENCIES), **places, **more},
    )


_STATED = {name: (*ANNOTATIONS, PREFIX + name.replace("_", "-")) for name in ("parameter_count", "architecture")}


def hints_of(view: SpecView, annotations: Collection[str]) -> dict[str, Any]:
    """What the hints say of where a model comes from, as fields of the facts. Most specs have none."""
    if not any(key.startswith(PREFIX) for key in annotations):
        return {}
    lineage = tuple(hinted_specs(view, annotations))
    said = {name: view.text(*path).value or "" for name, path in _STATED.items() if path[-1] in annotations}
    for name, path in (("base_model", BASE_MODEL), ("draft_model", DRAFT_MODEL)):
        if path[-1] in annotations and not any(reference.path() == path for reference in lineage):
            text = view.text(*path).value or ""
            said[name] = text.partition(";")[0].strip() if path == DRAFT_MODEL else text
    return {**said, "lineage": lineage}


def is_repaired(document: Document, part: SyntaxDocument) -> bool:
    """Whether some of a document's text had to be repaired."""
    return any(part.start <= repair.span.start < part.end for repair in document.tree.changes)


def marks_of(document: Document, part: SyntaxDocument, view: SpecView, *paths: DocPath) -> dict[DocPath, PlainMark]:
    """The document's own place, and where the values at some paths stand."""
    own = document.index.plain_mark(*locate(document.tree, Place(part.number, (), "key")))
    return {(): own, **values_at(document, part, view, *paths)}


def values_at(document: Document, part: SyntaxDocument, view: SpecView, *paths: DocPath) -> dict[DocPath, PlainMark]:
    """Where the values at some paths stand, as far as they are there."""
    index, tree = document.index, document.tree
    found = ((path, view.find(path)) for path in paths)
    return {path: _mark(index, tree, part, there.node, there.pair) for path, there in found if there is not None}


def steps_path(section: str, *below: str | int) -> DocPath:
    """The path of the steps of preprocess or postprocess, or of what is in them."""
    return ("spec", "pipeline", section, "steps", *below)


_STEPS = tuple((section, steps_path(section)) for section in ("preprocess", "postprocess"))


def _repeated(
    document: Document, part: SyntaxDocument, view: SpecView
) -> tuple[tuple[RepeatedStep, ...], dict[DocPath, PlainMark]]:
    """The steps whose name another one has, with the places of both: hardly ever any."""
    out: list[RepeatedStep] = []
    for section, path in _STEPS:
        found = view.find(path)
        if found is None:
            continue
        node = deref(found.node)
        fields = [pairs_of(item) for item in node.items] if isinstance(node, Sequence) else []
        names = [_text(pairs, "name") for pairs in fields]
        if len(set(names)) < len(names):
            first = {name: index for index, name in reversed(list(enumerate(names)))}
            out += [
                RepeatedStep(section, index, first[name], name, _text(fields[index], "type"), tuple(first))
                for index, name in enumerate(names)
                if name and first[name] != index
            ]
    if not out:
        return (), {}
    paths = [steps_path(step.section, index, "name") for step in out for index in (step.first, step.index)]
    return tuple(out), values_at(document, part, view, *paths)


def _references(
    document: Document, part: SyntaxDocument, view: SpecView
) -> tuple[tuple[Reference, ...], dict[DocPath, PlainMark]]:
    """All dependencies with their places, each item read once: a spec may have thousands."""
    found = view.find(DEPENDENCIES)
    node = deref(found.node) if found else None
    if not isinstance(node, Sequence):
        return (), {}
    out: list[Reference] = []
    marks: dict[DocPath, PlainMark] = {}
    remembered = len(node.items) > MANY_ITEMS and document.tree.literal
    for number, item in enumerate(node.items):
        reference, own = (_remembered if remembered else _reference)(document, part, number, item)
        out.append(reference)
        marks.update(own)
    return tuple(out), marks


def _remembered(
    document: Document, part: SyntaxDocument, number: int, item: Node
) -> tuple[Reference, list[tuple[DocPath, PlainMark]]]:
    """One dependency of a long list, as it was read before if the same text stands there."""
    source = item_source(document.text, item)
    if source is None:
        return _reference(document, part, number, item)
    line, key = document.index.line_of(item.start), (number, *source)
    kept = _items.get(key)
    if kept is None:
        reference, own = _reference(document, part, number, item)
        if len(_items) >= _MOST_ITEMS:
            _items.clear()
        kept = _items[key] = reference, tuple((path, (m[0] - line, m[1], m[2], m[3])) for path, m in own)
    reference, places = kept
    return reference, [(path, (line + m[0], m[1], m[2], m[3])) for path, m in places]


def _reference(
    document: Document, part: SyntaxDocument, number: int, item: Node
) -> tuple[Reference, list[tuple[DocPath, PlainMark]]]:
    """One dependency with its places."""
    tree, index = document.tree, document.index
    own, fields = _reference_paths(number), pairs_of(item)
    face = pairs_of(fields["interface"].value) if "interface" in fields else _NOTHING
    marks = [(own[0], _mark(index, tree, part, item, None))]
    for path, pair in zip(own[1:], (*map(fields.get, _REFERENCE_FIELDS), face.get("maxLatencyMs")), strict=True):
        if pair is not None:
            marks.append((path, _mark(index, tree, part, pair.value, pair)))
    reference = Reference(
        number,
        _text(fields, "id"),
        _text(fields, "role"),
        _text(fields, "specRef"),
        required=read_boolean(_value(fields, "required"))[0] is not False,
        input_type=_text(face, "inputType"),
        output_type=_text(face, "outputType"),
        max_latency_ms=read_number(_value(face, "maxLatencyMs"))[0],
    )
    return reference, marks


_items: dict[tuple[int, int, str], tuple[Reference, tuple[tuple[DocPath, PlainMark], ...]]] = {}
"""What items of long lists said, by number, column and text, with lines from their own: after a keystroke nearly all
stand there as before."""
_MOST_ITEMS = 4096
_NOTHING: dict[str, Pair] = {}


@lru_cache(maxsize=4096)
def _reference_paths(index: int) -> tuple[DocPath, ...]:
    fields = (reference_path(index, name) for name in _REFERENCE_FIELDS)
    return (reference_path(index), *fields, reference_path(index, "interface", "maxLatencyMs"))


def _mark(index: LineIndex, tree: Tree, part: SyntaxDocument, value: Node, pair: Pair | None) -> PlainMark:
    if type(value) is Scalar:
        # A mark is within a line by itself.
        return index.plain_mark(value.start, value.end)
    return index.plain_mark(*part_span(tree, part, Found(value, pair), "value"))


def _value(fields: Mapping[str, Pair], name: str) -> Node | None:
    pair = fields.get(name)
    return pair.value if pair is not None else None


def _text(fields: Mapping[str, Pair], name: str) -> str:
    pair = fields.get(name)
    return (read_text(pair.value)[0] or "") if pair is not None else ""

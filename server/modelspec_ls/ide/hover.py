"""Hover: what the key or value under the cursor means, and what is wrong with it."""

from __future__ import annotations

from modelspec_ls.analysis import check_document
from modelspec_ls.core.markdown import code, prose
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.text import Span
from modelspec_ls.knowledge import accelerators
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.schema import navigate
from modelspec_ls.spec.openmodel import CONFIG
from modelspec_ls.spec.view import ACCELERATOR, BATCH, MODEL, SpecView
from modelspec_ls.syntax.lookup import Spot, spot_at
from modelspec_ls.workspace.deployments import deployment_in, readings_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.entries import DEPENDENCIES, HINTS
from modelspec_ls.workspace.facts import NAME
from modelspec_ls.workspace.graph import Node
from modelspec_ls.workspace.kinds import Standing
from modelspec_ls.workspace.snapshot import Snapshot

from .catalogue import accelerator_markdown, model_markdown
from .claims import claim_markdown, value_markdown
from .completion.map_keys import find_entry
from .describe import entry_markdown, field_markdown, term_markdown
from .flavors import flavor_markdown
from .memory import memory_markdown
from .pipeline import edge_at, pipeline_markdown, reference_markdown, users_markdown
from .policy import about as policy_about
from .policy import policies_on
from .results import Hover

# Where the memory estimate is what the author wants to know.
_SHOWS_MEMORY = frozenset(
    {ACCELERATOR, (*ACCELERATOR, "count"), BATCH, (*BATCH, "maxBatchSize"), (*BATCH, "maxSequenceLengthTokens")}
)


def hover(snapshot: Snapshot, uri: str, offset: int) -> Hover | None:
    """What stands at the offset, or None where there is nothing to say."""
    document = snapshot.document(uri)
    if document is None:
        return None
    spot = spot_at(document.tree, offset)
    if spot is None:
        return None
    role = document.roles[spot.place.document]
    if role.standing is Standing.CLAIM:
        about = claim_markdown(snapshot, document, offset)
    elif role.governed:
        about = _about(snapshot, document, spot)
    else:
        return None
    said = policies_on(snapshot, document, spot.place.document, spot.place.path)
    parts = [about, said, _findings(snapshot, uri, spot.span)]
    text = _joined(*parts)
    return Hover(spot.span, text) if text else None


def _about(snapshot: Snapshot, document: Document, spot: Spot) -> str:
    schema = navigate.schema_for(document.roles[spot.place.document].schema)
    path = spot.place.path
    if document.roles[spot.place.document].standing is Standing.POLICY:
        page = policy_about(document, spot.place.document, path)
        if page:
            return page
    here = navigate.at(schema, path)
    if here is None:
        return ""
    if spot.place.part == "value":
        meaning = _value(snapshot, document, here, spot)
        if meaning and path[:2] == CONFIG and not _broken(document, spot.place.document):
            return _joined(meaning, flavor_markdown(snapshot, document, spot.place.document, path))
        if meaning:
            return meaning
    node = Node(document.key, spot.place.document)
    if path == DEPENDENCIES:
        return _joined(field_markdown(here, path, required=False), pipeline_markdown(snapshot, node))
    text = _map_key(path) or field_markdown(here, path, required=_required(schema, path))
    if path[:2] == CONFIG and not _broken(document, spot.place.document):
        return _joined(text, flavor_markdown(snapshot, document, spot.place.document, path))
    if path in _SHOWS_MEMORY and not _broken(document, spot.place.document):
        memory = memory_markdown(deployment_in(snapshot, document, spot.place.document))
        return _joined(memory, text)
    return _joined(text, users_markdown(snapshot.graph, node)) if path == NAME else text


def _joined(*parts: str) -> str:
    return "\n\n---\n\n".join(part for part in parts if part)


def _broken(document: Document, number: int) -> bool:
    """Whether some of the spec's text had to be repaired: then its numbers are not the author's."""
    part = document.tree.documents[number]
    return any(part.start <= repair.span.start <= part.end for repair in document.tree.changes)


def _map_key(path: DocPath) -> str:
    """A known label, annotation or environment variable."""
    row = find_entry(str(path[-2]), str(path[-1])) if len(path) > 1 else None
    return entry_markdown(row) if row else ""


def _required(schema: navigate.Schema, path: DocPath) -> bool:
    parent = navigate.at(schema, path[:-1]) if path else None
    return parent is not None and path[-1] in parent.get("required", ())


def _value(snapshot: Snapshot, document: Document, schema: navigate.Schema, spot: Spot) -> str:
    text = document.text[spot.span.start : spot.span.end].strip("\"'")
    key = spot.place.path[-1] if spot.place.path else ""
    catalogue = snapshot.scope(document.uri).catalogue
    if key == "specRef":
        return _dependency(snapshot, document, spot)
    if spot.place.path in HINTS:
        return _hinted(snapshot, document, spot, text)
    if document.roles[spot.place.document].standing is Standing.NEIGHBOUR:
        return value_markdown(snapshot, document, spot) or _enum(schema, text)
    if key in {"modelUri", "tokenizerUri"}:
        model = catalogue.resolve(text).model
        here = _checkpoint(snapshot, document, spot) if key == "modelUri" else ""
        return "\n\n".join(part for part in (_uri(text), here, model_markdown(model) if model else "") if part)
    if spot.place.path == (*MODEL, "id") and (model := catalogue.resolve(text).model):
        return model_markdown(model)
    if spot.place.path == (*ACCELERATOR, "type"):
        return _accelerator(document, spot, text, catalogue)
    if key == "instanceType":
        return _machine(document, spot, text, catalogue)
    if meaning := _enum(schema, text):
        return meaning
    facts = navigate.notes(schema)
    words = vocabulary(str(facts.get("vocabulary", "")))
    term = words.find(text) if words else None
    return term_markdown(term, words) if term and words else ""


def _enum(schema: navigate.Schema, text: str) -> str:
    meaning = navigate.notes(schema).get("enumDescriptions", {}).get(text)
    return f"**{text}** — {meaning}" if meaning else ""


def _dependency(snapshot: Snapshot, document: Document, spot: Spot) -> str:
    """The spec that a dependency leads to."""
    index = spot.place.path[-2] if len(spot.place.path) > 1 else None
    edge = edge_at(snapshot, document, spot.place.document, index) if isinstance(index, int) else None
    return reference_markdown(snapshot, edge) if edge is not None else ""


def _hinted(snapshot: Snapshot, document: Document, spot: Spot, text: str) -> str:
    """The base or draft model that a hint names: a model of the catalogue, or the spec at a path."""
    node = Node(document.key, spot.place.document)
    for edge in snapshot.graph.entries(node):
        if edge.reference.path() == spot.place.path:
            return reference_markdown(snapshot, edge)
    model = snapshot.scope(document.uri).catalogue.resolve(text.partition(";")[0].strip()).model
    return model_markdown(model) if model is not None else ""


def _findings(snapshot: Snapshot, uri: str, span: Span) -> str:
    found = [d for d in check_document(snapshot, uri) if d.span.overlaps(span)]
    return "\n".join(
        f"- {d.severity.label} **{prose(d.ident)}** {code(d.title)}: {prose(d.message)}" for d in found[:5]
    )


def _accelerator(document: Document, spot: Spot, text: str, catalogue: Catalogue) -> str:
    """The accelerator a name means, or all that it may mean."""
    view = SpecView(document.tree.documents[spot.place.document])
    match = catalogue.find_accelerator(text, view.text(*ACCELERATOR, "vendor").value)
    if match.accelerator is None:
        return ""
    lead = ""
    if match.ambiguous:
        sizes = " or ".join(f"{size} GB" for size in match.sizes_gb)
        lead = f"{code(text)} may have {sizes}: write the size to be clear. With the least memory:\n\n"
    return lead + accelerator_markdown(match.accelerator)


def _machine(document: Document, spot: Spot, text: str, catalogue: Catalogue) -> str:
    """The cloud of a machine type and the accelerators it carries."""
    view = SpecView(document.tree.documents[spot.place.document])
    path = tuple(str(part) for part in spot.place.path[:-1])
    machine = accelerators.instance(view.text(*path, "cloudProvider").value, text) or accelerators.instance(None, text)
    if machine is None:
        return ""
    card = catalogue.accelerator(machine.accelerator_id)
    rows = [f"- Cloud: `{machine.cloud}`", f"- Accelerators: {machine.count} of `{machine.accelerator_id}`"]
    return "\n\n".join([f"**{machine.type}**", "\n".join(rows), accelerator_markdown(card) if card else ""]).rstrip()


def _checkpoint(snapshot: Snapshot, document: Document, spot: Spot) -> str:
    """What the files on this machine say, which the estimate of memory rests on."""
    reading = readings_in(snapshot, document).get(spot.place.document)
    if reading is None or reading.facts is None:
        return ""
    facts = reading.facts
    stored = f" in {facts.weights.name}" if facts.weights else ""
    return (
        f"Read from {code(reading.place or '')}: {facts.architecture.parameters:,} parameters, "
        f"{facts.weight_bytes / 2**30:.1f} GiB{stored}."
    )


def _uri(text: str) -> str:
    """What the scheme of an artifact's URI means, and who can load it."""
    scheme, separator, _ = text.partition("://")
    if text.startswith((".", "/", "~")):
        return ""
    words = vocabulary("uriScheme")
    term = words.find(scheme if separator else "hf") if words else None
    if term is None or (not separator and "/" not in text):
        return ""
    accepted = ", ".join(f"`{engine}`" for engine in term.facts.get("acceptedBy", ()))
    rows = [f"**{scheme}://** — {term.description}" if separator else f"**{prose(text)}** — {term.description}"]
    facts = [("Form", term.facts.get("form")), ("Pinned by", term.facts.get("pin"))]
    rows.append("\n".join(f"- {label}: `{value}`" for label, value in facts if value))
    rows.append(f"Loaded by {accepted}." if accepted else "")
    return "\n\n".join(row for row in rows if row)

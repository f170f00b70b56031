"""Hovers on what llmaz knows: values of OpenModels, and what Playgrounds and Services claim."""

from __future__ import annotations

from modelspec_ls.core.markdown import code, prose
from modelspec_ls.core.words import join
from modelspec_ls.knowledge import accelerators, llmaz
from modelspec_ls.spec.openmodel import FILENAME, FLAVORS, MODEL_ID, URI
from modelspec_ls.syntax.lookup import Spot
from modelspec_ls.workspace.deployments import deployment_in, flavors_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.graph import Node
from modelspec_ls.workspace.pipeline import Load
from modelspec_ls.workspace.references import shown
from modelspec_ls.workspace.snapshot import Snapshot

from .catalogue import accelerator_markdown, model_markdown
from .describe import spec_markdown
from .flavors import flavor_line
from .memory import memory_markdown
from .subject import models_of_flavor, subject_at

_FLAVOR = len(FLAVORS) + 1


def value_markdown(snapshot: Snapshot, document: Document, spot: Spot) -> str:
    """What a value of an OpenModel means; empty where nothing is known."""
    path, number = spot.place.path, spot.place.document
    if path in {MODEL_ID, FILENAME}:
        model = deployment_in(snapshot, document, number).model
        return model_markdown(model) if model is not None else ""
    if path == URI:
        return _uri(snapshot, document, number)
    if path[: len(FLAVORS)] == FLAVORS and len(path) > _FLAVOR and isinstance(path[_FLAVOR - 1], int):
        flavors = flavors_in(snapshot, document, number)
        reading = flavors[int(path[_FLAVOR - 1])].reading if int(path[_FLAVOR - 1]) < len(flavors) else None
        if reading is not None and reading[1].path == path and reading[0].accelerator is not None:
            return accelerator_markdown(reading[0].accelerator)
        return _machine(snapshot, document, spot)
    return ""


def _uri(snapshot: Snapshot, document: Document, number: int) -> str:
    deployment = deployment_in(snapshot, document, number)
    text = deployment.view.text(*URI).value or ""
    protocol = next((p for p in llmaz.protocols() if text.lower().startswith(f"{p.name}://")), None)
    lines = [f"**{protocol.name}://** — {protocol.description}"] if protocol else []
    if protocol:
        lines.append(f"Form: `{llmaz.forms()[protocol.name]}`")
    known = deployment.uri_resolution
    return "\n\n".join([*lines, *([model_markdown(known.model)] if known and known.model else [])])


def _machine(snapshot: Snapshot, document: Document, spot: Spot) -> str:
    text = document.text[spot.span.start : spot.span.end].strip("\"'")
    machine = accelerators.instance(None, text) if spot.place.part == "value" and len(text) < 80 else None
    if machine is None:
        return ""
    card = snapshot.scope(document.uri).catalogue.accelerator(machine.accelerator_id)
    head = f"**{machine.type}** — {machine.cloud}, {machine.count} of `{machine.accelerator_id}`"
    return "\n\n".join([head, *([accelerator_markdown(card)] if card else [])])


def claim_markdown(snapshot: Snapshot, document: Document, offset: int) -> str:
    """The OpenModel that is claimed at an offset, or the flavor; empty for everything else."""
    subject = subject_at(snapshot, document, offset)
    if subject is None:
        return ""
    graph = snapshot.graph
    if subject.kind == "flavor":
        models = models_of_flavor(graph, subject)
        return "\n\n".join(_flavor(snapshot, node, subject.text) for node in models)
    if subject.edge is None:
        return ""
    target = subject.edge.target
    if target.node is not None and target.spec is not None:
        return open_model_markdown(snapshot, target.node, document.key)
    if target.outcome == "ambiguous":
        files = join(code(shown(key, document.key)) for key in dict.fromkeys(target.names))
        return f"Several OpenModels called {code(subject.text)} are equally near: {files}."
    return "The workspace is still being read." if target.outcome == "unread" else ""


def open_model_markdown(snapshot: Snapshot, node: Node, base: str) -> str:
    """An OpenModel in a few lines, with a line for each flavor."""
    spec = snapshot.graph.spec(node)
    if spec is None:
        return ""
    parts = [spec_markdown(spec), code(shown(node.key, base))]
    found = Load(snapshot).flavors(node)
    lines = [f"- {prose(flavor.title)}: {prose(line)}" for flavor in found if (line := flavor_line(flavor))]
    return "\n\n".join([*parts, *(["\n".join(lines)] if lines else [])])


def _flavor(snapshot: Snapshot, node: Node, name: str) -> str:
    spec = snapshot.graph.spec(node)
    found = next((flavor for flavor in Load(snapshot).flavors(node) if flavor.name == name), None)
    head = f"Flavor {code(name)} of **{prose(spec.title) if spec else ''}**"
    table = memory_markdown(found) if found is not None else ""
    return "\n\n".join(part for part in (head, table) if part)

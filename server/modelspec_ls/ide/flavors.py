"""Memory fit of an OpenModel's flavors: a line above each, a table in hovers, hints beside values.

An OpenModel says nothing of sequences and batches, so that the verdict is on the weights, and the room beside them is
told in tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelspec_ls.core.markdown import code, prose
from modelspec_ls.core.path import DocPath
from modelspec_ls.fit.report import FitReport
from modelspec_ls.spec.openmodel import FLAVORS, FlavorDeployment
from modelspec_ls.syntax.lookup import find
from modelspec_ls.syntax.nodes import Missing, deref, span_of
from modelspec_ls.workspace.deployments import deployment_in, flavors_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot

from .memory import headline, memory_markdown, verdict_line
from .memory_view import drawn
from .results import InlayHint, Lens

_FLAVOR = len(FLAVORS) + 1
_FIRST_ID = 1000
"""More than a file holds documents, and an OpenModel flavors, that anybody looks at."""
_SHOWN = ("name", "limits", "nodeSelector", "params")


def flavor_lenses(snapshot: Snapshot, document: Document, number: int) -> Iterator[Lens]:
    """One line above each flavor that can be judged."""
    part = document.tree.documents[number]
    for flavor in flavors_in(snapshot, document, number):
        found = find(part, flavor.path)
        if found is None or isinstance(found.node, Missing) or document.tree.tainted(span_of(found.node)):
            continue
        title = flavor_line(flavor)
        if title:
            yield Lens(span_of(found.node), title, "modelspec.showMemoryFit")


def flavor_line(flavor: FlavorDeployment, judged: FitReport | None = None) -> str:
    """The verdict on the weights with its numbers, and the room beside them; empty where nothing can be judged.

    ``judged``: the estimate under other numbers.
    """
    report = judged or flavor.report
    if report is None:
        return ""
    per = report.per_device
    if report.verdict == "unknown" or per.weights is None or per.budget is None:
        return verdict_line(report)
    if report.verdict == "weights-exceed":
        return f"Memory: the weights do not fit, {per.weights.value:.1f} of {per.budget.value:.1f} GiB per device"
    parts = [f"Memory: {per.weights.value:.1f} GiB of weights in {per.budget.value:.1f} GiB per device"]
    tokens = report.kv.capacity_tokens
    if tokens:
        parts.append(f"room for {tokens:,} tokens")
        if flavor.context and tokens < flavor.context:
            parts[-1] += f", less than the model's context of {flavor.context:,}"
    return ", ".join(parts)


def flavor_headline(flavor: FlavorDeployment, judged: FitReport | None = None) -> dict[str, str]:
    """The verdict on the weights as a tone, in a few words and in a line: nothing says how long sequences are."""
    report = judged or flavor.report
    if report is None or report.verdict in {"unknown", "weights-exceed", "fits"}:
        return {**headline(report), "summary": flavor_line(flavor, judged)}
    return {"tone": "good", "label": "Weights fit", "summary": flavor_line(flavor, judged)}


def flavor_id(number: int, index: int) -> int:
    """How views tell flavors from specs, which go by the number of their document."""
    return _FIRST_ID * (number + 1) + index


def flavor_view(flavor: FlavorDeployment, number: int) -> dict[str, Any]:
    """What a view draws of a flavor. Nothing can be changed there: the numbers stand in several documents."""
    model = flavor.view.text("metadata", "name").value
    out: dict[str, Any] = {
        "document": flavor_id(number, flavor.index),
        "name": f"{model or 'OpenModel'}, {flavor.title.replace('`', '')}",
        "changed": False,
        "ignored": [],
        **flavor_headline(flavor),
        "sentence": "",
        "parts": [],
        "devices": 0,
        "facts": [],
        "assumptions": [],
        "missing": [],
        "controls": [],
    }
    if flavor.given is None or flavor.report is None:
        how = "Name it in `nodeSelector`, `params.INSTANCE-TYPE` or the flavor's name, and claim it in `limits`."
        return {**out, "missing": [{"fact": "the accelerator", "how": how}]}
    return {**out, **drawn(flavor.given, flavor.report)}


def flavor_at(snapshot: Snapshot, document: Document, number: int, offset: int) -> int | None:
    """The id of the flavor at an offset of an OpenModel; that of its first one elsewhere in it."""
    flavors = flavors_in(snapshot, document, number)
    for flavor in reversed(flavors):
        found = find(document.tree.documents[number], flavor.path)
        if found is not None and found.node.start <= offset:
            return flavor_id(number, flavor.index)
    return flavor_id(number, 0) if flavors else None


def flavor_markdown(snapshot: Snapshot, document: Document, number: int, path: DocPath) -> str:
    """The estimate of the flavor that a path is about; for the list one line for each. Empty for other paths."""
    flavors = flavors_in(snapshot, document, number)
    if path == FLAVORS:
        lines = [f"- {prose(f.title)}: {prose(line)}" for f in flavors if (line := flavor_line(f))]
        return "\n".join(["**Memory fit**", "", *lines]) if lines else ""
    index = path[_FLAVOR - 1] if path[: len(FLAVORS)] == FLAVORS and len(path) >= _FLAVOR else None
    if not isinstance(index, int) or index >= len(flavors) or (len(path) > _FLAVOR and path[_FLAVOR] not in _SHOWN):
        return ""
    flavor = flavors[index]
    table = memory_markdown(flavor)
    if not table or flavor.reading is None:
        return table
    match, source = flavor.reading
    said = f"Accelerator read from {code(f'{source.path[-1]}: {source.text}')}."
    if match.ambiguous:
        said += f" It may have {' or '.join(map(str, match.sizes_gb))} GB; the least is taken."
    return f"{table}\n\n{said}"


def flavor_hints(snapshot: Snapshot, document: Document, number: int) -> Iterator[InlayHint]:
    """Beside values: the model that the source means, the memory of each flavor's accelerator."""
    part = document.tree.documents[number]

    def hint(path: DocPath, label: str, tooltip: str) -> Iterator[InlayHint]:
        found = find(part, path)
        node = deref(found.node) if found else None
        if found is None or isinstance(node, Missing) or document.tree.tainted(span_of(found.node)):
            return
        yield InlayHint(found.node.end, label, tooltip)

    deployment = deployment_in(snapshot, document, number)
    if deployment.resolution is not None:
        resolution, source = deployment.resolution
        if resolution.model is not None and source.text.casefold() != resolution.model.id.casefold():
            yield from hint(source.path, resolution.model.id, f"Found in the catalogue ({resolution.grade}).")
    for flavor in flavors_in(snapshot, document, number):
        if flavor.reading is None:
            continue
        match, source = flavor.reading
        given = flavor.given
        if match.ambiguous:
            sizes = " or ".join(str(size) for size in match.sizes_gb)
            yield from hint(source.path, f"{sizes} GB", "A node label, or a name with the size, would make it clear.")
        elif given is not None and given.device.memory_gib is not None:
            yield from hint(source.path, f"{given.device.memory_gib:.1f} GiB", given.device.basis)

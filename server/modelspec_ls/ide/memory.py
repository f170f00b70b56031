"""Memory fit in the editor: one line for lenses, a table for hovers, hints beside values."""

from __future__ import annotations

from modelspec_ls.core.markdown import prose
from modelspec_ls.core.text import Span
from modelspec_ls.fit.report import FitReport, Quantity
from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.view import ACCELERATOR, MODEL
from modelspec_ls.syntax.lookup import find
from modelspec_ls.syntax.nodes import Missing, deref, span_of
from modelspec_ls.workspace.deployments import deployment_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.kinds import Standing
from modelspec_ls.workspace.snapshot import Snapshot

from .results import InlayHint, Lens

VERDICTS = {
    "fits": "fits",
    "tight": "tight",
    "batch-exceeds": "the batch does not fit at once",
    "sequence-exceeds": "one full sequence does not fit",
    "weights-exceed": "the weights do not fit",
    "unknown": "unknown",
}
_LABELS = {
    "fits": "Fits",
    "tight": "Tight",
    "batch-exceeds": "Batch too large",
    "sequence-exceeds": "Sequence too long",
    "weights-exceed": "Weights too large",
    "unknown": "Memory fit unknown",
}
_TONES = {"fits": "good", "tight": "warning", "unknown": "unknown"}
_BAR = 40


def code_lenses(snapshot: Snapshot, uri: str) -> tuple[Lens, ...]:
    """One line above ``accelerator`` of every spec: verdict, used of budget per device, headroom."""
    document = snapshot.document(uri)
    if document is None:
        return ()
    out: list[Lens] = []
    for number, role in enumerate(document.roles):
        if role.standing is not Standing.SPEC:
            continue
        found = find(document.tree.documents[number], ACCELERATOR)
        if found is None or found.pair is None or document.tree.tainted(span_of(found.pair.key)):
            continue
        title = summary(deployment_in(snapshot, document, number))
        if title:
            out.append(Lens(span_of(found.pair.key), title, "modelspec.showMemoryFit"))
    return tuple(out)


def tone(verdict: str) -> str:
    """How a verdict is coloured: good, warning, bad or unknown."""
    return _TONES.get(verdict, "bad")


def headline(report: FitReport | None) -> dict[str, str]:
    """The verdict as a tone, in a few words and in a line, for a status bar."""
    if report is None:
        return {"tone": "unknown", "label": "", "summary": ""}
    label = _LABELS[report.verdict]
    used, budget = used_gib(report), report.per_device.budget
    if report.fits and used is not None and budget is not None and budget.value:
        label += f" {used / budget.value:.0%}"
    return {"tone": tone(report.verdict), "label": label, "summary": verdict_line(report)}


def summary(deployment: Deployment) -> str:
    """The verdict with its numbers in one line; empty where there is nothing to judge."""
    return verdict_line(deployment.report) if deployment.report is not None else ""


def verdict_line(report: FitReport) -> str:
    """A verdict with its numbers in one line."""
    per = report.per_device
    if report.verdict == "unknown":
        missing = report.missing[0].fact if report.missing else "a fact is missing"
        return f"Memory fit: unknown ({missing})"
    used = used_gib(report)
    parts = [f"Memory: {VERDICTS[report.verdict]}"]
    if used is not None and per.budget is not None:
        parts.append(f"{used:.1f} of {per.budget.value:.1f} GiB per device ({used / per.budget.value:.0%})")
    if report.limits.max_batch_size and report.kv.sequence_tokens:
        parts.append(f"up to {report.limits.max_batch_size} sequences of {report.kv.sequence_tokens:,} tokens")
    return ", ".join(parts)


def used_gib(report: FitReport) -> float | None:
    """What the declared load takes of one device's budget, in GiB."""
    per = report.per_device
    if per.weights is None:
        return None
    parts = (per.weights, per.kv_need, per.activations, per.overhead)
    return sum(part.value for part in parts if part is not None)


def inlay_hints(snapshot: Snapshot, uri: str, span: Span) -> tuple[InlayHint, ...]:
    """Beside values: the memory of the accelerator, the width of the precision, the model that an id means."""
    document = snapshot.document(uri)
    if document is None:
        return ()
    out: list[InlayHint] = []
    for number, role in enumerate(document.roles):
        if role.standing is Standing.SPEC:
            out.extend(_hints(snapshot, document, number))
    return tuple(hint for hint in out if span.start <= hint.offset <= span.end)


def _hints(snapshot: Snapshot, document: Document, number: int) -> list[InlayHint]:
    deployment = deployment_in(snapshot, document, number)
    part = document.tree.documents[number]
    out: list[InlayHint] = []

    def add(path: tuple[str, ...], label: str, tooltip: str = "") -> None:
        found = find(part, path)
        node = deref(found.node) if found else None
        if found is None or node is None or isinstance(node, Missing) or document.tree.tainted(span_of(found.node)):
            return
        out.append(InlayHint(found.node.end, label, tooltip))

    if deployment.resolution is not None:
        resolution, source = deployment.resolution
        said = source.text.removeprefix("hf://").casefold()
        if resolution.model is not None and said != resolution.model.id.casefold():
            path = tuple(str(p) for p in source.path)
            add(path, resolution.model.id, f"Found in the catalogue ({resolution.grade}).")
    match = deployment.accelerator
    if match is not None and match.accelerator is not None and deployment.given is not None:
        memory = deployment.given.device.memory_gib
        if match.ambiguous:
            sizes = " or ".join(f"{size}" for size in match.sizes_gb)
            add((*_texts(ACCELERATOR), "type"), f"{sizes} GB", "Write the size to be clear.")
        elif memory is not None:
            add((*_texts(ACCELERATOR), "type"), f"{memory:.1f} GiB", deployment.given.device.basis)
    precision = deployment.precision
    if precision is not None and precision.bytes_per_parameter is not None:
        width = f"{precision.bytes_per_parameter:g} B per parameter"
        add((*_texts(MODEL), "precision"), width, precision.description)
    return out


def _texts(path: tuple[str | int, ...]) -> tuple[str, ...]:
    return tuple(str(part) for part in path)


def memory_markdown(deployment: Deployment) -> str:
    """The estimate as a bar and a table; empty where there is nothing to judge."""
    report = deployment.report
    if report is None:
        return ""
    if report.verdict == "unknown":
        gaps = "\n".join(f"- {prose(gap.fact)}: {prose(gap.how)}" for gap in report.missing)
        return f"**Memory fit: unknown**\n\n{gaps}"
    per = report.per_device
    devices = f"{report.tensor_parallel * report.pipeline_parallel * report.data_parallel} x {_device(deployment)}"
    head = f"**Memory fit: {VERDICTS[report.verdict]}** — {prose(f'{report.model} on {devices}, {report.engine}')}"
    rows = [
        ("Weights", per.weights),
        ("KV cache needed", per.kv_need),
        ("Activations", per.activations),
        ("Overhead", per.overhead),
        ("Free", per.free),
        ("Budget", per.budget),
        ("Memory", per.capacity),
    ]
    table = ["| per device | GiB | |", "| --- | ---: | --- |"]
    table += [f"| {label} | {q.value:.1f} | {_sure(q)} |" for label, q in rows if q is not None]
    facts: list[str] = []
    if report.kv.bytes_per_token is not None and report.kv.bytes_per_token.value:
        facts.append(f"KV cache: {report.kv.bytes_per_token.value / 1024:,.0f} KiB per token, all devices together")
    if report.kv.capacity_tokens:
        facts.append(f"Room for {report.kv.capacity_tokens:,} tokens")
    limits = report.limits
    if limits.max_batch_size and report.kv.sequence_tokens:
        facts.append(f"Largest batch: {limits.max_batch_size} x {report.kv.sequence_tokens:,} tokens")
    if limits.max_sequence_length:
        facts.append(f"Longest sequence at this batch: {limits.max_sequence_length:,} tokens")
    if limits.min_count and limits.min_count != deployment.count:
        facts.append(f"Fewest devices: {limits.min_count}")
    facts += [f"Assumed: {prose(text)}" for text in report.assumptions[:4]]
    lines = "\n".join(f"- {fact}" for fact in facts)
    return "\n\n".join([head, _bar(report), "\n".join(table), lines])


def _device(deployment: Deployment) -> str:
    return deployment.given.device.name if deployment.given is not None else "accelerator"


def _sure(quantity: Quantity) -> str:
    if quantity.exactness == "exact" or quantity.high - quantity.low < 0.1:
        return quantity.exactness
    return f"{quantity.exactness}, {quantity.low:.1f} to {quantity.high:.1f}"


def _bar(report: FitReport) -> str:
    """Shares of the budget as blocks: weights, KV cache, activations and overhead, free."""
    per = report.per_device
    if per.budget is None or per.weights is None:
        return ""
    total = max(per.budget.value, used_gib(report) or 0.0, 1e-9)
    marks = (("█", per.weights), ("▓", per.kv_need), ("▒", per.activations), ("▒", per.overhead))
    bar = ""
    for mark, quantity in marks:
        if quantity is not None:
            bar += mark * round(max(quantity.value, 0.0) / total * _BAR)
    bar = bar[:_BAR].ljust(_BAR, "░")
    limit = f" {per.budget.value:.1f} GiB budget"
    return f"```text\n{bar}{limit}\n█ weights ▓ KV cache ▒ activations, overhead ░ free\n```"

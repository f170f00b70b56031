"""The memory view: everything a client needs to draw it without knowing what the numbers mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from modelspec_ls.fit.adapt import device_of
from modelspec_ls.fit.estimate import evaluate
from modelspec_ls.fit.inputs import FitInput
from modelspec_ls.fit.limits import valid_counts
from modelspec_ls.fit.offers import offers_of
from modelspec_ls.fit.report import FitReport, Quantity
from modelspec_ls.knowledge import accelerators, engines, precisions
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.knowledge.support import starts_on
from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.view import BATCH
from modelspec_ls.workspace.deployments import deployment_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot

from .catalogue import accelerator_names
from .memory import VERDICTS, headline, tone, used_gib
from .memory_edit import edited

_MOST_DEVICES = 16
_SHARES = tuple(round(0.5 + n / 100, 2) for n in range(50))


def view(snapshot: Snapshot, document: Document, number: int, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """One spec's view, under the overrides; ``stated`` values are the file's."""
    stated = deployment_in(snapshot, document, number)
    changed, ignored = edited(snapshot, document, number, overrides)
    deployment = deployment_in(snapshot, changed, number)
    out: dict[str, Any] = {
        "document": number,
        "name": deployment.view.text("metadata", "name").value,
        "changed": changed.text != document.text,
        "ignored": ignored,
        **headline(deployment.report),
        "sentence": "",
        "parts": [],
        "devices": 0,
        "facts": [],
        "assumptions": [],
        "missing": [],
        "controls": [],
    }
    given, report = deployment.given, deployment.report
    if given is None or report is None:
        out["missing"] = [
            {
                "fact": "the accelerator",
                "how": "Set `spec.runtime.accelerator` with `type` and `count`, and `model.id`.",
            }
        ]
        return out
    return {**out, **drawn(given, report), "controls": list(_controls(stated, deployment, given, report))}


def drawn(given: FitInput, report: FitReport) -> dict[str, Any]:
    """What is drawn of an estimate."""
    return {
        "sentence": f"{report.model} on {given.count} x {given.device.name}, {report.engine}",
        "verdict": VERDICTS[report.verdict],
        "devices": given.count,
        "parts": list(_parts(report)),
        "budget": _amount(report.per_device.budget),
        "capacity": _amount(report.per_device.capacity),
        "facts": list(_facts(report)),
        "assumptions": list(report.assumptions),
        "missing": [{"fact": gap.fact, "how": gap.how} for gap in report.missing],
    }


def fitting(snapshot: Snapshot, document: Document, number: int, overrides: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Accelerators that clouds rent, that the engine starts on and that hold the load, fewest devices first."""
    changed, _ = edited(snapshot, document, number, overrides)
    deployment = deployment_in(snapshot, changed, number)
    given = deployment.given
    if given is None or given.architecture is None:
        return []
    # A stated split belongs to the stated accelerator.
    free = evolve(given, tensor_parallel=None, data_parallel=1)
    precision = precisions.find(given.weights.name) if given.weights else None
    cards = {
        name: card
        for name, card in _one_name_each(deployment.catalogue)
        if card.instances and starts_on(given.engine.name, card, precision)
    }
    rows: list[dict[str, Any]] = []
    for offer in offers_of(free, [(name, device_of(card)) for name, card in cards.items()]):
        card, device = cards[offer.accelerator], device_of(cards[offer.accelerator])
        report = evaluate(evolve(free, device=device, count=offer.count), limits=False)
        used, budget = used_gib(report), report.per_device.budget
        if offer.count > _MOST_DEVICES or used is None or budget is None or not budget.value:
            continue
        rows.append(
            {
                "value": offer.accelerator,
                "name": card.name,
                "vendor": card.vendor,
                "count": offer.count,
                "totalGiB": round(offer.memory_gib, 1),
                "usedShare": round(used / budget.value, 3),
                "tone": tone(report.verdict),
                "verdict": VERDICTS[report.verdict],
                "current": device.name == given.device.name and offer.count == given.count,
            }
        )
    return sorted(rows, key=lambda row: (row["count"], row["totalGiB"], row["name"]))


def _parts(report: FitReport) -> Iterator[dict[str, Any]]:
    per = report.per_device
    named: tuple[tuple[str, str, Quantity | None], ...] = (
        ("weights", "Weights", per.weights),
        ("kv", "KV cache", per.kv_need),
        ("activations", "Activations", per.activations),
        ("overhead", "Overhead", per.overhead),
        ("free", "Free", per.free),
    )
    for key, label, quantity in named:
        amount = _amount(quantity)
        if amount is not None:
            yield {"key": key, "label": label, **amount}


def _amount(quantity: Quantity | None) -> dict[str, Any] | None:
    if quantity is None:
        return None
    return {
        "gib": round(quantity.value, 2),
        "low": round(quantity.low, 2),
        "high": round(quantity.high, 2),
        "exactness": quantity.exactness,
        "why": quantity.why,
    }


def _facts(report: FitReport) -> Iterator[dict[str, str]]:
    kv, limits = report.kv, report.limits
    if kv.bytes_per_token is not None and kv.bytes_per_token.value:
        yield {
            "label": "KV cache per token",
            "value": f"{kv.bytes_per_token.value / 1024:,.0f} KiB, all devices together",
        }
    if kv.capacity_tokens:
        yield {"label": "Room for", "value": f"{kv.capacity_tokens:,} tokens"}
    if limits.max_batch_size and kv.sequence_tokens:
        yield {"label": "Largest batch", "value": f"{limits.max_batch_size:,} x {kv.sequence_tokens:,} tokens"}
    if limits.max_sequence_length:
        yield {"label": "Longest sequence", "value": f"{limits.max_sequence_length:,} tokens at this batch"}
    if limits.min_count:
        yield {"label": "Fewest devices", "value": str(limits.min_count)}
    split = [("tensor", report.tensor_parallel), ("pipeline", report.pipeline_parallel), ("data", report.data_parallel)]
    said = ", ".join(f"{name} {size}" for name, size in split if size > 1)
    if said:
        yield {"label": "Parallel", "value": said}


def _controls(
    stated: Deployment, deployment: Deployment, given: FitInput, report: FitReport
) -> Iterator[dict[str, Any]]:
    before = stated.given
    shape = given.architecture
    yield _menu(
        "accelerator",
        "Accelerator",
        [
            {
                "value": name,
                "label": f"{card.name} ({accelerators.memory_gib(card).value:.0f} GiB)",
                "group": card.vendor,
            }
            for name, card in _one_name_each(deployment.catalogue)
        ],
        _written_name(deployment),
        _written_name(stated),
    )
    counts = [n for n in valid_counts(shape, given) if n <= _MOST_DEVICES] if shape else [1, 2, 4, 8, 16]
    yield _slider("count", "Accelerators", counts, given.count, before and before.count, "per replica")
    most = max(256, 2 * (report.limits.max_batch_size or 0))
    batch = deployment.view.integer(*BATCH, "maxBatchSize").value
    stated_batch = stated.view.integer(*BATCH, "maxBatchSize").value
    yield _slider("batch", "Batch", _scale(1, min(most, 4096)), batch or 1, stated_batch, "sequences")
    context = (shape.context if shape else None) or 131_072
    length = given.sequence or report.kv.sequence_tokens or context
    yield _slider("sequence", "Sequence length", _scale(256, context), length, before and before.sequence, "tokens")
    yield _menu(
        "precision",
        "Precision",
        [
            {"value": found.name, "label": f"{found.name} ({found.bytes_per_parameter:g} B per parameter)", "group": ""}
            for found in precisions.all_precisions()
            if found.bytes_per_parameter is not None and engines.weight_format(found.name) is not None
        ],
        deployment.precision.name if deployment.precision else "",
        stated.precision.name if stated.precision else "",
    )
    names = [{"value": name, "label": name, "group": ""} for name in engines.engine_names()]
    yield _menu("engine", "Engine", names, given.engine.name, before.engine.name if before else "")
    own = [t for t in precisions.kv_types() if t in {"auto", "bf16", "fp16", "fp8", "int8"}]
    types = [{"value": t, "label": t, "group": ""} for t in own]
    yield _menu(
        "kvCacheDtype", "KV cache type", types, given.kv_dtype or "auto", (before and before.kv_dtype) or "auto"
    )
    if report.utilization is not None and given.engine.rule in {"vllm", "sglang", "generic"}:
        share = round(report.utilization, 2)
        stated_share = before and before.gpu_memory_utilization
        yield _slider("gpuMemoryUtilization", "Memory for the engine", list(_SHARES), share, stated_share, "share")


def _one_name_each(catalogue: Catalogue) -> list[tuple[str, Any]]:
    seen: set[str] = set()
    out: list[tuple[str, Any]] = []
    for name, card in accelerator_names("", catalogue):
        if card.id not in seen:
            seen.add(card.id)
            out.append((name, card))
    return out


def _written_name(deployment: Deployment) -> str:
    """The menu's name of the accelerator; empty where it is not known."""
    card = deployment.accelerator and deployment.accelerator.accelerator
    return next((name for name, known in _one_name_each(deployment.catalogue) if card and known.id == card.id), "")


def _menu(key: str, label: str, options: list[dict[str, str]], value: str, stated: str) -> dict[str, Any]:
    return {"key": key, "label": label, "kind": "menu", "options": options, "value": value, "stated": stated}


def _slider(key: str, label: str, stops: Iterable[float], value: float, stated: Any, unit: str) -> dict[str, Any]:
    all_stops = sorted({*stops, value, *([stated] if stated else [])})
    return {
        "key": key,
        "label": label,
        "kind": "slider",
        "stops": all_stops,
        "value": value,
        "stated": stated or None,
        "unit": unit,
    }


def _scale(low: int, high: int) -> Iterator[int]:
    """Powers of two and one and a half times each, up to and with ``high``."""
    at = low
    while at < high:
        yield at
        if at > 1 and at + at // 2 < high:
            yield at + at // 2
        at *= 2
    yield high

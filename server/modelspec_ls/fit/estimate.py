"""The entrance: a deployment in, a report out."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from attrs import evolve

from .assess import Assessment, assess, sequence_gib
from .inputs import GIB, FitInput
from .limits import limits_of
from .ranges import Range
from .report import Exactness, FitReport, KvReport, Limits, PerDevice, Quantity


def evaluate(given: FitInput, *, limits: bool = True) -> FitReport:
    """Judge a deployment. ``limits``: also answer what would fit, which costs some more evaluations."""
    return _evaluated(given, limits)


@lru_cache(maxsize=2048)
def _evaluated(given: FitInput, limits: bool) -> FitReport:
    """Kept for the next: the specs of a company deploy the same models on the same machines."""
    found = assess(given)
    return FitReport(
        verdict=found.verdict,
        exceeds=None if found.verdict != "weights-exceed" else "memory" if found.exceeds_memory else "budget",
        model=given.model,
        engine=given.engine.label,
        tensor_parallel=found.place.tensor,
        pipeline_parallel=found.place.pipeline,
        data_parallel=found.place.data,
        per_device=_per_device(given, found),
        kv=_cache(given, found),
        weights_total_gib=found.weights.total if found.weights else None,
        draft_gib=found.draft.value,
        adapter_gib=found.adapter.value,
        graphs_gib=_quantity(found.over.graphs, "estimated", found.over.graphs_why) if found.over else None,
        utilization=found.budget.fraction if found.budget else None,
        limits=limits_of(given, found) if limits else Limits(),
        assumptions=found.assumptions,
        missing=found.missing,
    )


def what_if(given: FitInput, **changes: Any) -> FitReport:
    """Judge the deployment with some fields changed; a changed count gives up a stated tensor-parallel size."""
    if "count" in changes and "tensor_parallel" not in changes:
        changes["tensor_parallel"] = None
    return evaluate(evolve(given, **changes))


def _quantity(band: Range, exactness: Exactness, why: str) -> Quantity:
    return Quantity(band.value, band.low, band.high, exactness, why)


def _per_device(given: FitInput, found: Assessment) -> PerDevice:
    device, budget, over, weights = given.device, found.budget, found.over, found.weights
    capacity = None
    if device.memory_gib is not None:
        capacity = _quantity(device.memory, "exact" if device.exact else "estimated", device.basis)
    held = None
    if weights is not None:
        extra = bool(found.draft.value or found.adapter.value)
        sure: Exactness = "assumed" if given.weights is None or given.weights_assumed else "estimated"
        if weights.exact and not extra and sure == "estimated":
            sure = "exact"
        held = _quantity(found.held, sure, weights.why + (", with draft model and adapters" if extra else ""))
    need = None
    if found.need is not None:
        why = f"{found.batch} x {found.tokens} tokens on the fullest device" if found.need else "no cache across steps"
        need = Quantity(found.need, found.need, found.need, _stated(given), why)
    if budget is None or over is None:
        return PerDevice(capacity, None, held, need, None, None, None, None)
    total = budget.total
    free = None
    if found.need is not None:
        left = Range(*(end - found.need for end in budget.kv))
        free = _quantity(left, "estimated", "available - needed")
    overhead_why = over.non_torch_why + ("; graphs" if budget.graphs_inside else "")
    return PerDevice(
        capacity,
        Quantity(total, total, total, "exact" if given.gpu_memory_utilization is not None else "assumed", budget.why),
        held,
        need,
        _quantity(budget.kv, "estimated", "budget - weights - activations - overhead"),
        _quantity(budget.activations, "estimated", over.activation_why),
        _quantity(budget.overhead, "estimated", overhead_why),
        free,
    )


def _stated(given: FitInput) -> Exactness:
    return "exact" if given.sequence is not None and given.grade != "name" else "assumed"


def _cache(given: FitInput, found: Assessment) -> KvReport:
    plan, tokens = found.plan, found.tokens
    if plan is None or not plan.groups:
        return KvReport(None, tokens, None, None, None, None)
    devices = found.place.tensor * found.place.pipeline
    draft = found.draft_plan.bytes_per_token if found.draft_plan else 0.0
    stage = found.place.share((given.architecture.layers if given.architecture else None) or 1)
    total = (plan.bytes_per_token + draft) * devices / (stage * found.place.pipeline)
    sure: Exactness = "exact" if given.kv_dtype not in {None, "auto"} or plan.uniform else "estimated"
    why = f"elements per token x bytes, on {devices} device{'s' * (devices > 1)} together"
    rate = Quantity(total, total, total, sure, why)
    if found.budget is None or not tokens:
        return KvReport(rate, tokens, None, None, None, None)
    one = sequence_gib(plan, found.draft_plan, tokens) * GIB
    scale = plan.sequence_bytes(tokens) / one if one else 1.0
    low, value, high = (
        plan.capacity_tokens(max(0.0, end) * scale, tokens)
        for end in (found.budget.kv.low, found.budget.kv.value, found.budget.kv.high)
    )
    concurrency = plan.concurrency(max(0.0, found.budget.kv.value) * scale, tokens)
    return KvReport(rate, tokens, value, low, high, concurrency)

"""One verdict with its numbers, without the reverse limits."""

from __future__ import annotations

from functools import cache

from attrs import evolve, frozen

from modelspec_ls.knowledge.engines import Engine, WeightFormat, weight_format

from .assumptions import assumptions_of
from .budget import Budget, budget_of
from .inputs import GIB, FitInput, Placement, placement_of
from .kv_cache import KvPlan, plan_of
from .overhead import Overheads, overheads_of
from .profile import generation_of
from .ranges import ZERO, Range
from .report import Missing, Verdict
from .weights import Weights, adapters_of, weights_of

TIGHT = 0.05
"""Share of the budget below which headroom counts as tight."""


@frozen
class Assessment:
    """Everything that the report is written from. GiB per device."""

    place: Placement
    verdict: Verdict = "unknown"
    exceeds_memory: bool = False
    weights: Weights | None = None
    draft: Range = ZERO
    adapter: Range = ZERO
    held: Range = ZERO
    """Weights, draft model and adapters."""
    plan: KvPlan | None = None
    draft_plan: KvPlan | None = None
    over: Overheads | None = None
    budget: Budget | None = None
    need: float | None = None
    """Cache of the declared batch and length."""
    tokens: int | None = None
    """Length that was judged."""
    batch: int = 1
    """Sequences of one replica that were judged."""
    assumptions: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()


def assess(given: FitInput) -> Assessment:
    """Judge one deployment as its engine would at start-up."""
    place = placement_of(given)
    notes, missing = list[str](), list[Missing]()
    batch = max(1, -(-(given.batch or 1) // place.data))
    a = given.architecture
    if a is None:
        return Assessment(place=place, batch=batch, missing=(_NO_MODEL,))
    tokens = given.sequence or a.context
    notes.extend(assumptions_of(given, a, place))
    weights = weights_of(
        a,
        loaded_as(_format(given, notes), given.engine),
        place,
        given.measured_weight_bytes,
        rope=given.engine.rule in {"vllm", "sglang", "tgi"},
        torch=given.engine.rule in {"vllm", "sglang", "tgi", "static"},
        absorbed=given.engine.rule == "vllm" and bool(given.engine.value("latent_absorbed", False)),
        from_name=given.grade == "name",
        capability=given.device.compute_capability,
    )
    draft, adapter, draft_plan = ZERO, ZERO, None
    over = overheads_of(given, a, place, tokens)
    hybrid = bool(given.engine.value("hybrid_cache")) and generation_of(given, a) == "V1"
    plan = plan_of(a, given.engine, place, given.kv_dtype, over.profile.tokens, weights=given.weights, hybrid=hybrid)
    if given.draft is not None:
        shape = given.draft.architecture
        draft = weights_of(shape, given.draft.weights or _bf16(), place, rope=False).per_device
        fmt = given.draft.weights
        draft_plan = plan_of(
            shape, given.engine, place, given.kv_dtype, over.profile.tokens, weights=fmt, hybrid=hybrid
        )
    if given.adapter is not None:
        adapter = adapters_of(a, given.adapter, place)
    held = weights.per_device.plus(draft).plus(adapter)
    budget = budget_of(given, place, held, over) if given.device.memory_gib else None
    if budget is None:
        missing.append(_NO_MEMORY)
    if plan is None:
        missing.append(_COMPRESSED if a.kv is not None else _NO_CACHE)
    else:
        notes.extend(plan.notes)
        if plan.groups and tokens is None:
            missing.append(_NO_LENGTH)
    need = None
    if plan is not None and (tokens or not plan.groups):
        need = batch * sequence_gib(plan, draft_plan, tokens or 0)
    verdict, memory = _verdict(given, held, budget, plan, draft_plan, need, tokens, batch, notes)
    return Assessment(
        place,
        verdict,
        memory,
        weights,
        draft,
        adapter,
        held,
        plan,
        draft_plan,
        over,
        budget,
        need,
        tokens,
        batch,
        tuple(notes),
        tuple(missing),
    )


def sequence_gib(plan: KvPlan, draft: KvPlan | None, tokens: int) -> float:
    """Cache of one sequence on one device, the draft model's included."""
    return (plan.sequence_bytes(tokens) + (draft.sequence_bytes(tokens) if draft else 0.0)) / GIB


def _verdict(
    given: FitInput,
    held: Range,
    budget: Budget | None,
    plan: KvPlan | None,
    draft: KvPlan | None,
    need: float | None,
    tokens: int | None,
    batch: int,
    notes: list[str],
) -> tuple[Verdict, bool]:
    """An exceeding verdict must hold at the optimistic end of every band; between the ends it is ``tight``."""
    if budget is None:
        return "unknown", False
    if held.low > given.device.memory.high:
        return "weights-exceed", True
    if budget.kv.high <= 0:
        return "weights-exceed", False
    if plan is None or need is None:
        return "unknown", False
    one = sequence_gib(plan, draft, tokens or 0)
    stated = given.sequence is not None
    if one > budget.kv.high and stated:
        return "sequence-exceeds", False
    if need > budget.kv.high and stated and batch > 1:
        return "batch-exceeds", False
    if need > budget.kv.high:
        notes.append(f"A sequence of the model's full {tokens} tokens does not fit; state a shorter one.")
        return "tight", False
    margin = max(TIGHT * budget.total, 0.0)
    if budget.kv.value <= 0 or need > budget.kv.value - margin or need > budget.kv.low:
        return "tight", False
    return "fits", False


def _format(given: FitInput, notes: list[str]) -> WeightFormat:
    if given.weights is None:
        notes.append("Precision not stated; 16-bit weights assumed.")
        return _bf16()
    if given.weights_assumed:
        notes.append(f"Precision not stated; {given.weights.name} assumed.")
    return given.weights


def loaded_as(fmt: WeightFormat, engine: Engine) -> WeightFormat:
    """The format as this engine keeps it, which may be wider than it is stored."""
    bits = engine.value("loaded_bits", {}).get(fmt.name)
    return fmt if bits is None else evolve(fmt, body_bits=float(bits), source=engine.source("loaded_bits"))


@cache
def _bf16() -> WeightFormat:
    found = weight_format("bf16")
    assert found is not None
    return found


_NO_MODEL = Missing(
    "the model",
    "Name a catalogue model, describe it in `.modelspec/models/`, or add `modelspec/parameter-count` and "
    "`modelspec/architecture`.",
)
_NO_MEMORY = Missing(
    "the accelerator's memory", "Use a type from the catalogue, or describe it in `.modelspec/accelerators/`."
)
_NO_CACHE = Missing("the model's attention shape", "Add `modelspec/architecture` with layers, kv-heads and head-dim.")
_COMPRESSED = Missing("the size of a compressed KV cache", "It is not linear in tokens; measure it with the engine.")
_NO_LENGTH = Missing("the sequence length", "Set `runtime.batch.maxSequenceLengthTokens`.")

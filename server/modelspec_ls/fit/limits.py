"""The question in reverse: what would fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve

from modelspec_ls.knowledge.engines import WeightFormat

from .assess import Assessment, assess, sequence_gib
from .inputs import Architecture, FitInput
from .report import Limits

_LARGEST_BATCH = 1_000_000
_LARGEST_COUNT = 64
_LENGTH_CEILING = 1 << 24


def limits_of(given: FitInput, found: Assessment) -> Limits:
    """Largest batch, longest sequence and fewest devices."""
    return Limits(largest_batch(found), longest_sequence(given, found), fewest_devices(given, found))


def largest_batch(found: Assessment) -> int | None:
    """Most sequences of the judged length resident at once, over all replicas. None: a sequence costs nothing."""
    if found.budget is None or found.plan is None or found.tokens is None:
        return None
    one = sequence_gib(found.plan, found.draft_plan, found.tokens)
    if not one:
        return None
    return min(int(max(0.0, found.budget.kv.value) / one), _LARGEST_BATCH) * found.place.data


def longest_sequence(given: FitInput, found: Assessment) -> int | None:
    """Longest sequence at the declared batch, never above the model's context."""
    if found.budget is None or found.plan is None or not found.plan.groups or given.architecture is None:
        return None
    room = found.budget.kv.value / found.batch
    high = given.architecture.context or _LENGTH_CEILING
    if sequence_gib(found.plan, found.draft_plan, high) <= room:
        return high if given.architecture.context else None
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        if sequence_gib(found.plan, found.draft_plan, middle) <= room:
            low = middle
        else:
            high = middle
    return low


def fewest_devices(given: FitInput, found: Assessment) -> int | None:
    """Smallest count whose tensor-parallel size divides the attention heads and on which the declaration fits."""
    if found.verdict == "unknown" or given.architecture is None:
        return None
    data = max(1, given.data_parallel)
    for count in valid_counts(given.architecture, given):
        trial = _with_count(given, count * data)
        if assess(trial).verdict in {"fits", "tight"}:
            return count * data
    return None


def valid_counts(a: Architecture, given: FitInput) -> Iterator[int]:
    """Devices per replica that the model can be split over, smallest first."""
    splits_layers = given.engine.rule in {"static", "llama.cpp"}
    if splits_layers:
        yield from range(1, min(_LARGEST_COUNT, a.layers or 1) + 1)
        return
    pipeline = max(1, given.pipeline_parallel or 1)
    for tensor in (1, 2, 4, 8, 16, 32, 64):
        if a.heads is None or a.heads % tensor == 0:
            yield tensor * pipeline


def formats_that_fit(given: FitInput, formats: Iterable[WeightFormat]) -> list[WeightFormat]:
    """The formats of a list under which the declaration fits, in the list's order."""
    trials = ((fmt, evolve(given, weights=fmt, weights_assumed=False, measured_weight_bytes=None)) for fmt in formats)
    return [fmt for fmt, trial in trials if assess(trial).verdict in {"fits", "tight"}]


def _with_count(given: FitInput, count: int) -> FitInput:
    """Another count; the tensor-parallel size follows it."""
    return evolve(given, count=count, tensor_parallel=None)

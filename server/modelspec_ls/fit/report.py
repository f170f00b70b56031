"""The answer. Every number carries its band, how sure it is and where it comes from."""

from __future__ import annotations

from typing import Any, Literal

from attrs import frozen

Verdict = Literal["fits", "tight", "batch-exceeds", "sequence-exceeds", "weights-exceed", "unknown"]
Exactness = Literal["exact", "estimated", "assumed"]


@frozen
class Quantity:
    """A number with its band. ``why``: one line of provenance."""

    value: float
    low: float
    high: float
    exactness: Exactness
    why: str


@frozen
class Missing:
    """A fact that the estimate lacks, and how to supply it."""

    fact: str
    how: str


@frozen
class PerDevice:
    """GiB on the fullest device. None: not computable from what is known."""

    capacity: Quantity | None
    budget: Quantity | None
    weights: Quantity | None
    """Draft model and adapters included; ``FitReport.draft_gib`` and ``adapter_gib`` say how much of it."""
    kv_need: Quantity | None
    """Cache of the declared batch x sequence; of one sequence where no batch is declared."""
    kv_available: Quantity | None
    activations: Quantity | None
    overhead: Quantity | None
    """CUDA context, communication buffers and, where the engine budgets them, graphs."""
    free: Quantity | None
    """kv_available - kv_need; negative where it does not fit."""


@frozen
class KvReport:
    """The cache of one replica."""

    bytes_per_token: Quantity | None
    """All devices of a replica together; what one more token costs once windows are full."""
    sequence_tokens: int | None
    """Length that the figures below are for."""
    capacity_tokens: int | None
    capacity_tokens_low: int | None
    capacity_tokens_high: int | None
    max_concurrency: float | None
    """Sequences of ``sequence_tokens`` resident at once."""


@frozen
class Limits:
    """The same question in reverse. None: no such limit, or not computable."""

    max_batch_size: int | None = None
    """All replicas together, at the declared sequence length."""
    max_sequence_length: int | None = None
    """Tokens at the declared batch, else for one sequence; never above the model's context."""
    min_count: int | None = None
    """Fewest devices of this sort for the declared batch and length."""


@frozen
class FitReport:
    """Whether it fits, and the numbers behind it."""

    verdict: Verdict
    exceeds: Literal["memory", "budget"] | None
    """What the weights exceed: all memory there is, or only the share the engine may take."""
    model: str
    engine: str
    tensor_parallel: int
    pipeline_parallel: int
    data_parallel: int
    per_device: PerDevice
    kv: KvReport
    weights_total_gib: float | None
    """Weights of one replica, all its devices together."""
    draft_gib: float
    adapter_gib: float
    graphs_gib: Quantity | None
    """CUDA graphs; outside the budget where the engine captures them after sizing the cache."""
    utilization: float | None
    limits: Limits
    assumptions: tuple[str, ...]
    missing: tuple[Missing, ...]

    @property
    def fits(self) -> bool:
        """Nothing is exceeded for certain."""
        return self.verdict in {"fits", "tight"}


def as_dict(report: FitReport) -> dict[str, Any]:
    """The report as plain data with the names of ``modelspec fit --format json``, without file and devices' type."""

    def gib(quantity: Quantity | None) -> float | None:
        return None if quantity is None else round(quantity.value, 2)

    per, kv = report.per_device, report.kv
    return {
        "verdict": report.verdict,
        "devices": {
            "tensorParallel": report.tensor_parallel,
            "pipelineParallel": report.pipeline_parallel,
            "dataParallel": report.data_parallel,
        },
        "perDevice": {
            "capacityGiB": gib(per.capacity),
            "budgetGiB": gib(per.budget),
            "weightsGiB": gib(per.weights),
            "kvCacheNeedGiB": gib(per.kv_need),
            "kvCacheAvailableGiB": gib(per.kv_available),
            "activationsGiB": gib(per.activations),
            "overheadGiB": gib(per.overhead),
            "freeGiB": gib(per.free),
        },
        "kvCache": {
            "bytesPerToken": None if kv.bytes_per_token is None else round(kv.bytes_per_token.value),
            "capacityTokens": kv.capacity_tokens,
            "maxConcurrency": None if kv.max_concurrency is None else round(kv.max_concurrency, 2),
        },
        "limits": {
            "maxBatchSize": report.limits.max_batch_size,
            "maxSequenceLengthTokens": report.limits.max_sequence_length,
            "minCount": report.limits.min_count,
        },
        "assumptions": list(report.assumptions),
        "missing": [{"fact": gap.fact, "how": gap.how} for gap in report.missing],
    }

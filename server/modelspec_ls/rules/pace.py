"""What the rules on time share: how long weights load, how long a token takes at best, what generates tokens."""

from __future__ import annotations

from modelspec_ls.fit.pace import Pace
from modelspec_ls.fit.ranges import Range
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import DATA, PIPELINE, TENSOR, WEIGHING, unread
from modelspec_ls.spec import loading
from modelspec_ls.spec.view import ANNOTATIONS, MODEL

GB = 10**9
_SHARING = (TENSOR, PIPELINE, DATA, (*ANNOTATIONS, "modelspec/draft-model"))
"""The hints that decide how many devices work on a token, and whether one guesses ahead."""


def loaded_bytes(ctx: DocumentContext) -> Range | None:
    """Bytes of the weights in the stated precision; None where model or precision are not known."""
    return None if unread(ctx, WEIGHING) else loading.loaded_bytes(ctx.deployment)


def load_seconds(ctx: DocumentContext) -> float | None:
    """About how long the weights of one replica take to load, in seconds, at the rate the thresholds assume."""
    return None if loaded_bytes(ctx) is None else loading.load_seconds(ctx.deployment)


def pace(ctx: DocumentContext) -> Pace | None:
    """The bounds on speed; None where something is not known, or where a draft model guesses tokens ahead.

    Every doubt counts in the deployment's favour: the smallest weights of the band, the fastest of the accelerators
    that the name may mean.
    """
    facts = ctx.deployment
    weights, match, shape, count = loaded_bytes(ctx), facts.accelerator, facts.architecture, facts.count
    if weights is None or match is None or match.accelerator is None or shape is None or count is None:
        return None
    if facts.grade == "name" or ctx.hints.draft_model is not None or unread(ctx, _SHARING):
        return None
    fastest = max(match.candidates or (match.accelerator,), key=lambda a: a.memory_bandwidth_gb_s)
    data, pipeline = ctx.hints.data_parallel or 1, ctx.hints.pipeline_parallel or 1
    devices = ctx.hints.tensor_parallel or max(1, count // (data * pipeline))
    active = _active(ctx, shape.parameters)
    rate = fastest.tflops_dense.get("fp8") or fastest.tflops_dense.get("bf16") or fastest.tflops_dense.get("fp16")
    return Pace(
        active_bytes=weights.low * active / shape.parameters,
        active_parameters=active,
        devices=devices,
        bandwidth=fastest.memory_bandwidth_gb_s * GB,
        tflops=rate,
    )


def _active(ctx: DocumentContext, total: int) -> int:
    """Parameters that one token uses."""
    stated, model = ctx.hints.parameters, ctx.deployment.model
    if stated is not None:
        return min(stated.active, total)
    return min(model.parameters_active or total, total) if model is not None else total


def generates(ctx: DocumentContext) -> bool:
    """Whether the task is one that writes token after token."""
    words = vocabulary("task")
    term = words.find((ctx.view.text(*MODEL, "task").value or "").strip()) if words else None
    return term is not None and term.facts.get("class") == "generate"


def duration(seconds: float) -> str:
    """A time in words: ``8 s``, ``140 s``, ``12 min``."""
    if seconds < 300:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min"


def number(value: float) -> str:
    """A number as people write it: ``800``, ``0.5``, ``1234.5``."""
    return str(int(value)) if value == int(value) else f"{value:g}" if abs(value) < 10**6 else f"{value:.1f}"

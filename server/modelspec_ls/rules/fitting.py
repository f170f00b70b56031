"""What the rules on memory and batching share: the estimate as judged, its words, its fixes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from attrs import evolve, frozen

from modelspec_ls.core.finding import Finding, Fix, InsertPairs, Operation, Related, SetValue, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.fit.adapt import device_of
from modelspec_ls.fit.estimate import evaluate
from modelspec_ls.fit.inputs import FitInput
from modelspec_ls.fit.report import FitReport, Verdict
from modelspec_ls.knowledge import precisions
from modelspec_ls.knowledge.types import Accelerator
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.view import ACCELERATOR, ANNOTATIONS, BATCH, MODEL
from modelspec_ls.syntax.nodes import Scalar, deref

COUNT: DocPath = (*ACCELERATOR, "count")
TYPE: DocPath = (*ACCELERATOR, "type")
PRECISION: DocPath = (*MODEL, "precision")
BATCH_SIZE: DocPath = (*BATCH, "maxBatchSize")
SEQUENCE: DocPath = (*BATCH, "maxSequenceLengthTokens")
TENSOR: DocPath = (*ANNOTATIONS, "modelspec/tensor-parallel-size")
PIPELINE: DocPath = (*ANNOTATIONS, "modelspec/pipeline-parallel-size")
DATA: DocPath = (*ANNOTATIONS, "modelspec/data-parallel-size")
UTILIZATION: DocPath = (*ANNOTATIONS, "modelspec/gpu-memory-utilization")
KV_DTYPE: DocPath = (*ANNOTATIONS, "modelspec/kv-cache-dtype")

SERVERS = frozenset({"vllm", "sglang", "tgi", "tensorrt-llm"})
"""Budget rules of engines that keep all weights on the accelerators and split every layer over them."""
PREALLOCATING = frozenset({"vllm", "sglang", "tensorrt-llm"})
"""Those that take the whole cache at start-up."""

EXCEEDS = ("batch-exceeds", "sequence-exceeds", "weights-exceed")
"""Verdicts that something does not fit, worst last."""

_ENTERING = (
    TENSOR,
    PIPELINE,
    DATA,
    UTILIZATION,
    KV_DTYPE,
    *((*ANNOTATIONS, f"modelspec/{name}") for name in (
        "engine", "parameter-count", "architecture", "weights-size", "base-model", "adapter", "draft-model"
    )),
)  # fmt: skip
"""The hints that enter the estimate."""
WEIGHING = tuple((*ANNOTATIONS, f"modelspec/{name}") for name in ("parameter-count", "weights-size", "base-model"))
"""Those that decide the size of the weights."""


@frozen
class Judged:
    """The estimate that a finding may rest on: of an ambiguous accelerator the reading on which most fits."""

    given: FitInput
    report: FitReport
    accelerator: Accelerator
    type: str
    """As written, with the size where it is ambiguous."""
    sure: bool
    """Nothing that decides was read from a name or assumed."""

    @property
    def devices(self) -> int:
        """Accelerators that share one copy of the model."""
        return self.report.tensor_parallel * self.report.pipeline_parallel

    @property
    def model(self) -> str:
        """The model's short name."""
        return self.report.model.rpartition("/")[2]

    @property
    def precision(self) -> str:
        """The format of the weights in words."""
        return self.given.weights.name if self.given.weights else "16 bits"

    def on(self, count: int | None = None) -> str:
        """The accelerators as ``2 x l40s``."""
        return f"{count or self.devices} x {self.type}"

    def fits(self, **changes: Any) -> bool:
        """Whether nothing exceeds with some inputs changed."""
        return evaluate(evolve(self.given, **changes), limits=False).verdict not in EXCEEDS

    def level(self, sure: Severity) -> Severity:
        """The severity of a case that is certain if its facts are; no error rests on a name or an assumption."""
        if self.given.weights is None and self.given.measured_weight_bytes is None:
            return Severity.INFORMATION
        return sure if self.sure else max(sure, Severity.WARNING)


def judged(ctx: DocumentContext) -> Judged | None:
    """The estimate; None where a fact is missing or a field that enters it is invalid. Kept with the text."""
    kept: dict[int, tuple[Deployment, Judged | None]] = ctx.file.memo.setdefault("judged", {})
    found = kept.get(ctx.document.number)
    if found is None or found[0] is not ctx.deployment:
        found = kept[ctx.document.number] = ctx.deployment, None if unread(ctx) else _judge(ctx)
    return found[1]


def exceeding(ctx: DocumentContext, verdict: Verdict) -> Judged | None:
    """The estimate where its verdict is this one."""
    found = judged(ctx)
    return found if found is not None and found.report.verdict == verdict else None


def readings(ctx: DocumentContext) -> list[tuple[Accelerator, FitInput, FitReport]]:
    """The estimate on every size that the accelerator's name may mean, the smallest first."""
    match, given = ctx.deployment.accelerator, ctx.deployment.given
    if match is None or match.accelerator is None or given is None or ctx.deployment.report is None:
        return []
    if not match.ambiguous:
        return [(match.accelerator, given, ctx.deployment.report)]
    sizes = {c.memory_gb_marketed: c for c in reversed(match.candidates)}
    inputs = [(sizes[size], evolve(given, device=device_of(sizes[size]))) for size in sorted(sizes)]
    return [(candidate, trial, evaluate(trial, limits=False)) for candidate, trial in inputs]


def _judge(ctx: DocumentContext) -> Judged | None:
    facts = ctx.deployment
    if facts.architecture is None or facts.accelerator is None or not (found := readings(ctx)):
        return None
    accelerator, given, report = min(found, key=_favour)
    name = ctx.view.text(*TYPE).value or ""
    if facts.accelerator.ambiguous:
        report = evaluate(given) if report.verdict in EXCEEDS else report
        name = f"{name} ({accelerator.memory_gb_marketed} GB)"
    stated = not given.weights_assumed or given.measured_weight_bytes is not None
    return Judged(given, report, accelerator, name, given.grade != "name" and stated)


def _favour(reading: tuple[Accelerator, FitInput, FitReport]) -> tuple[int, int]:
    """Order of readings: the best verdict; of those that exceed alike the largest, else the smallest."""
    accelerator, _, report = reading
    if report.verdict in EXCEEDS:
        return EXCEEDS.index(report.verdict) + 1, -accelerator.memory_gb_marketed
    return 0, accelerator.memory_gb_marketed


def unread(ctx: DocumentContext, entering: tuple[DocPath, ...] = _ENTERING) -> bool:
    """Whether something that enters the estimate is stated, but not in a way that can be read.

    ``entering``: the hints that count; for the weights alone ``WEIGHING``.
    """
    names = {str(path[-1]) for path in entering}
    if any(problem.path in entering or problem.fix_key in names for problem in ctx.hints.problems):
        return True
    field = ctx.view.text(*PRECISION)
    if ctx.hints.weights_bytes is not None:
        return False
    return field.state == "invalid" or (field.value is not None and precisions.find(field.value) is None)


def gib(value: float) -> str:
    """A number of GiB in words."""
    return f"{value:.1f} GiB"


def finding(
    ctx: DocumentContext,
    path: DocPath,
    message: str,
    severity: Severity | None = None,
    fixes: tuple[Fix, ...] = (),
    part: Literal["key", "value"] = "value",
) -> Finding:
    """A finding about the estimate, with every field that entered it."""
    return Finding(message, ctx.at(path, part), severity, tuple(_related(ctx, path)), fixes)


def _related(ctx: DocumentContext, at: DocPath) -> Iterator[Related]:
    facts, seen = ctx.deployment, {at}
    entries: list[tuple[DocPath, str]] = []
    if facts.resolution is not None and facts.inherited is None:
        entries.append((facts.resolution[1].path, f"the model: {facts.model.id if facts.model else 'by its name'}"))
    weights = facts.weights[0]
    if weights is not None:
        entries.append((PRECISION, f"{weights.body_bits / 8:g} bytes per weight"))
    device = facts.given.device if facts.given else None
    if device is not None and device.memory_gib:
        entries.append((TYPE, f"{gib(device.memory_gib)} each"))
    entries += [
        (COUNT, "how many accelerators"),
        (BATCH_SIZE, "sequences at once"),
        (SEQUENCE, "tokens per sequence"),
        *((path, "enters the estimate") for path in _ENTERING),
    ]
    if facts.engine_source is not None:
        entries.append((facts.engine_source.path, f"memory as {facts.engine.label} takes it"))
    for path, message in entries:
        if path not in seen and ctx.find(path) is not None:
            seen.add(path)
            yield Related(ctx.at(path), message)


def put(ctx: DocumentContext, path: DocPath, source: str) -> Operation:
    """Set the value at a path, or insert it with the mappings that lead there."""
    if ctx.find(path) is not None:
        return SetValue(ctx.at(path), source)
    parent, key = path[:-1], str(path[-1])
    while parent and ctx.find(parent) is None:
        inner = source.replace("\n", "\n  ")
        source = f"\n  {key}: {inner}"
        parent, key = parent[:-1], str(parent[-1])
    found = ctx.find(parent)
    node = deref(found.node) if found else None
    if isinstance(node, Scalar):  # An explicit null.
        return SetValue(ctx.at(parent), f'{{"{key}": {source}}}')
    return InsertPairs(ctx.at(parent), ((key, source),))


def setting(ctx: DocumentContext, path: DocPath, value: object, why: str = "") -> Fix:
    """A fix that writes one number or word; hints are text, so theirs is quoted."""
    source = f'"{value}"' if path[:-1] == ANNOTATIONS else str(value)
    name = str(path[-1])
    verb = "Set" if ctx.find(path) is not None else "Add"
    title = f"{verb} `{name}: {source}`{f', {why}' if why else ''}"
    return Fix(title, (put(ctx, path, source),))

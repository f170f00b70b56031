"""Half the accelerators would do.

## What it checks

An even `count` with both batch limits stated, where weights, overhead and the full batch of full-length sequences
take at most 80 % of what half as many accelerators offer, or half of those again. Quiet where the annotations share
the accelerators out between pipeline stages or replicas.

## Why it matters

Idle accelerators are the first thing that a cost review finds. Splitting over more of them for latency is
legitimate.

## Bad

```yaml
spec:
  identity:
    model:
      id: llama-3-8b-instruct
      family: llama-3
      task: chat-completion
      framework: vllm
      precision: bf16
  runtime:
    accelerator:
      vendor: nvidia
      type: h100
      count: 4
#            ^ information[accelerators-oversized]: would fit 1 x h100
    batch:
      maxBatchSize: 16
      maxSequenceLengthTokens: 8192
```

## Good

```yaml
spec:
  identity:
    model:
      id: llama-3-8b-instruct
      family: llama-3
      task: chat-completion
      framework: vllm
      precision: bf16
  runtime:
    accelerator:
      vendor: nvidia
      type: h100
      count: 1
    batch:
      maxBatchSize: 16
      maxSequenceLengthTokens: 8192
```
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.fit.estimate import evaluate
from modelspec_ls.fit.inputs import FitInput
from modelspec_ls.fit.report import FitReport
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import COUNT, TENSOR, finding, gib, judged, put, readings, setting
from modelspec_ls.rules.meta import Rule

META = Rule(
    "MS305",
    "accelerators-oversized",
    "memory",
    Severity.INFORMATION,
    "Half the accelerators would do",
    fixable=True,
)
_COMFORTABLE = 0.8


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield a count of which half is enough, on the count."""
    found = judged(ctx)
    if found is None or found.report.verdict != "fits":
        return
    given = readings(ctx)[0][1]  # Of an ambiguous accelerator the smallest.
    if given.batch is None or given.sequence is None or given.weights is None or given.data_parallel > 1:
        return
    if given.pipeline_parallel is not None or given.tensor_parallel not in {None, given.count}:
        return
    enough, need, budget = given.count, 0.0, 0.0
    while enough % 2 == 0 and (half := _holds(given, enough // 2)) is not None:
        enough, (need, budget) = enough // 2, half
    if enough == given.count:
        return
    fix = setting(ctx, COUNT, enough)
    if given.tensor_parallel is not None:
        fix = evolve(fix, operations=(*fix.operations, put(ctx, TENSOR, f'"{enough}"')))
    message = (
        f"{gib(need * enough)} would fit {found.on(enough)}, which offer{'' if enough > 1 else 's'} "
        f"{gib(budget * enough)}. Keep {given.count} if it is for latency; otherwise set the count to {enough}."
    )
    yield finding(ctx, COUNT, message, fixes=(fix,))


def _holds(given: FitInput, count: int) -> tuple[float, float] | None:
    """What is needed and offered by each of so many accelerators, in GiB, where they hold everything with ease."""
    heads = given.architecture.heads if given.architecture else None
    if heads and heads % count:
        return None
    tensor = count if given.tensor_parallel is not None else None
    report = evaluate(evolve(given, count=count, tensor_parallel=tensor), limits=False)
    need, budget = _need(report), report.per_device.budget
    if report.verdict != "fits" or need is None or budget is None or need > _COMFORTABLE * budget.value:
        return None
    return need, budget.value


def _need(report: FitReport) -> float | None:
    """Everything on one accelerator, in GiB."""
    per = report.per_device
    if per.weights is None or per.kv_need is None:
        return None
    return sum(part.value for part in (per.weights, per.kv_need, per.activations, per.overhead) if part is not None)

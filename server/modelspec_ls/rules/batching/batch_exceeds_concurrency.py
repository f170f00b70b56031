"""A batch cannot hold more than the requests that are admitted.

## What it checks

`serving.maxConcurrency` below `batch.maxBatchSize`; both are per replica.

## Why it matters

The admission limit caps the batch, so memory is set aside for sequences that never run together.

## Bad

```yaml
spec:
  identity:
    model:
      id: llama-3.1-8b-instruct
      family: llama-3.1
      task: chat-completion
      framework: vllm
      precision: bf16
  runtime:
    accelerator:
      vendor: nvidia
      type: l40s
      count: 1
    batch:
      maxBatchSize: 16
      maxSequenceLengthTokens: 4096
  operations:
    serving:
      maxConcurrency: 8
#                     ^ information[batch-exceeds-concurrency]: admits fewer requests than `maxBatchSize: 16`
```

## Good

```yaml
spec:
  identity:
    model:
      id: llama-3.1-8b-instruct
      family: llama-3.1
      task: chat-completion
      framework: vllm
      precision: bf16
  runtime:
    accelerator:
      vendor: nvidia
      type: l40s
      count: 1
    batch:
      maxBatchSize: 16
      maxSequenceLengthTokens: 4096
  operations:
    serving:
      maxConcurrency: 32
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Related, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import BATCH_SIZE, gib, judged, setting
from modelspec_ls.rules.meta import Rule
from modelspec_ls.spec.view import SERVING

META = Rule(
    "MS503",
    "batch-exceeds-concurrency",
    "batching",
    Severity.INFORMATION,
    "A batch cannot hold more than the requests that are admitted",
    fixable=True,
    about=("spec.operations.serving",),
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield an admission limit below the batch, on the admission limit."""
    path = (*SERVING, "maxConcurrency")
    admitted, batch = ctx.view.integer(*path).value, ctx.view.integer(*BATCH_SIZE).value
    if admitted is None or batch is None or not 1 <= admitted < batch:
        return
    message = (
        f"`maxConcurrency: {admitted}` admits fewer requests than `maxBatchSize: {batch}`; batches cannot exceed "
        f"{admitted}. Align them{_freed(ctx, admitted, batch)}."
    )
    fixes = (setting(ctx, BATCH_SIZE, admitted), setting(ctx, path, batch))
    yield Finding(message, ctx.at(path), related=(Related(ctx.at(BATCH_SIZE), "the batch"),), fixes=fixes)


def _freed(ctx: DocumentContext, admitted: int, batch: int) -> str:
    found = judged(ctx)
    need = found.report.per_device.kv_need if found is not None else None
    if found is None or need is None or not need.value or found.given.batch != batch or found.given.sequence is None:
        return ""
    freed = need.value * found.devices * found.report.data_parallel * (batch - admitted) / batch
    return f": {admitted} frees {gib(freed)} of worst-case KV cache"

"""The stated batch of full-length sequences should fit the KV cache.

## What it checks

`maxBatchSize` x `maxSequenceLengthTokens` against what weights, activations and overhead leave for the KV cache,
with every estimate at its favourable end. It is never an error: the product is the worst case.

## Why it matters

Engines with a paged cache then let requests wait, or throw computed cache away and compute it again; those with a
static one run out of memory.

## Bad

```yaml
spec:
  identity:
    model:
      id: llama-2-70b-chat
      family: llama-2
      task: chat-completion
      framework: vllm
      precision: fp16
  runtime:
    accelerator:
      vendor: nvidia
      type: a100-80gb
      count: 2
    batch:
      maxBatchSize: 64
#                   ^^ warning[batch-exceeds-kv-cache]: need 80.0 GiB of KV cache
      maxSequenceLengthTokens: 4096
```

## Good

```yaml
spec:
  identity:
    model:
      id: llama-2-70b-chat
      family: llama-2
      task: chat-completion
      framework: vllm
      precision: fp16
  runtime:
    accelerator:
      vendor: nvidia
      type: a100-80gb
      count: 4
    batch:
      maxBatchSize: 64
      maxSequenceLengthTokens: 4096
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import BATCH_SIZE, SERVERS, Judged, exceeding, finding, gib, setting
from modelspec_ls.rules.meta import Rule

from .sequence_exceeds_kv_cache import compact, longest, shorter
from .weights_exceed_memory import Way, larger, more, offer

META = Rule(
    "MS304",
    "batch-exceeds-kv-cache",
    "memory",
    Severity.WARNING,
    "The stated batch of full-length sequences should fit the KV cache",
    fixable=True,
)
_WORTH = 4


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield batches that are not resident at once, on the batch size."""
    found = exceeding(ctx, "batch-exceeds")
    if found is None:
        return
    per, given, n = found.report.per_device, found.given, found.devices
    if per.kv_need is None or per.kv_available is None:
        return
    possible = [_smaller(ctx, found), _shorter(ctx, found), compact(ctx, found), more(ctx, found), larger(ctx, found)]
    ways = [way for way in possible if way is not None]
    copies = found.report.data_parallel
    then = "the engine lets requests wait or recomputes" if given.engine.rule in SERVERS else "it runs out of memory"
    message = (
        f"{given.batch} sequences of {given.sequence} tokens need {gib(per.kv_need.value * n * copies)} of KV cache; "
        f"{found.on(n * copies)} {'have' if n * copies > 1 else 'has'} "
        f"{gib(max(0.0, per.kv_available.value) * n * copies)} for it. At full load {then}.{offer(ways)}"
    )
    yield finding(ctx, BATCH_SIZE, message, found.level(Severity.WARNING), tuple(way.fix for way in ways))


def _shorter(ctx: DocumentContext, found: Judged) -> Way | None:
    """The longest sequence that fits, unless little of it is left."""
    length = longest(found)
    return shorter(ctx, found) if length and length * _WORTH >= (found.given.sequence or 0) else None


def _smaller(ctx: DocumentContext, found: Judged) -> Way | None:
    """The largest batch that fits."""
    batch = found.report.limits.max_batch_size
    if not batch or not found.fits(batch=batch):
        return None
    return Way(f"`maxBatchSize: {batch}`", setting(ctx, BATCH_SIZE, batch))

"""A production spec should limit batch and sequence.

## What it checks

`batch.maxBatchSize` and `batch.maxSequenceLengthTokens` in specs of generative models that say they run in
production: by a label `environment`, `env`, `stage` or `tier`, else by a name ending in `-prod` or `-production`.

## Why it matters

Tokens in flight without a limit are the usual cause of KV-cache pressure; limits should be explicit and reviewed.

## Bad

```yaml
metadata:
  name: chat
  labels:
    environment: prod
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
#   ^^^^^ information[batch-limits-missing]: No `maxBatchSize`
      maxSequenceLengthTokens: 4096
```

## Good

```yaml
metadata:
  name: chat
  labels:
    environment: prod
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
```
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from modelspec_ls.core.finding import Finding, Fix, InsertPairs, Severity
from modelspec_ls.fit.estimate import evaluate
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import BATCH_SIZE, SEQUENCE, Judged, finding, judged
from modelspec_ls.rules.memory.sequence_exceeds_kv_cache import longest
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.pace import generates
from modelspec_ls.spec.view import BATCH, MODEL

from .max_sequence_length_required import misplaced

META = Rule(
    "MS504",
    "batch-limits-missing",
    "batching",
    Severity.INFORMATION,
    "A production spec should limit batch and sequence",
    fixable=True,
)
_USUAL_LENGTH = 8192
_LARGEST_BATCH = 256


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield missing limits, on the batch limits or the runtime that lacks them."""
    if not ctx.view.production or not generates(ctx):
        return
    fields = {path: ctx.view.integer(*path) for path in (BATCH_SIZE, SEQUENCE)}
    missing = [str(path[-1]) for path, field in fields.items() if field.state == "missing"]
    required = ctx.view.text(*MODEL, "framework").value == "vllm"
    if required and missing == [SEQUENCE[-1]]:
        return  # An error already, by max-sequence-length-required.
    runtime = ctx.find(BATCH[:-1])
    if not missing or runtime is None or misplaced(ctx, "batch", *missing):
        return
    found = judged(ctx)
    pair = _pair(found) if found is not None else None
    message = (
        f"No {' and no '.join(f'`{name}`' for name in missing)}: the KV cache of this production spec is unbounded."
    )
    fixes: tuple[Fix, ...] = ()
    if found is not None and pair is not None:
        values = dict(zip((str(BATCH_SIZE[-1]), str(SEQUENCE[-1])), pair, strict=True))
        hold = "hold" if found.devices > 1 else "holds"
        message += f" {found.on()} {hold} {pair[0] * pair[1]} tokens as {pair[0]} x {pair[1]}."
        fixes = (_insert(ctx, {name: values[name] for name in missing}),)
    place = BATCH if ctx.find(BATCH) is not None else BATCH[:-1]
    yield finding(ctx, place, message, fixes=fixes, part="key")


def _pair(found: Judged) -> tuple[int, int] | None:
    """A batch and a length that fit together; what is stated stays."""
    given = found.given
    context = given.architecture.context if given.architecture else None
    if given.batch is not None:
        length = given.sequence or longest(found)
        return (given.batch, length) if length else None
    length = given.sequence or min(context or _USUAL_LENGTH, _USUAL_LENGTH)
    batch = evaluate(evolve(given, sequence=length)).limits.max_batch_size
    if not batch:
        return None
    batch = min(batch, _LARGEST_BATCH)
    return (batch, length) if found.fits(batch=batch, sequence=length) else None


def _insert(ctx: DocumentContext, values: dict[str, int]) -> Fix:
    pairs = tuple((name, str(value)) for name, value in values.items())
    title = "Add " + " and ".join(f"`{name}: {value}`" for name, value in pairs)
    if ctx.find(BATCH) is not None:
        return Fix(title, (InsertPairs(ctx.at(BATCH), pairs),))
    block = "".join(f"\n  {name}: {value}" for name, value in pairs)
    return Fix(title, (InsertPairs(ctx.at(BATCH[:-1]), ((str(BATCH[-1]), block),)),))

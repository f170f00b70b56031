"""A spec for vLLM must state the longest sequence.

## What it checks

`framework: vllm` without `runtime.batch.maxSequenceLengthTokens`. Only the framework field counts, and only in this
spelling, as in the reference validator.

## Why it matters

The reference validator rejects the spec. Without a limit vLLM takes the model's own context, which often needs more
KV cache than there is.

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
#   ^^^^^ error[max-sequence-length-required]: requires `runtime.batch.maxSequenceLengthTokens`
      maxBatchSize: 8
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
      maxSequenceLengthTokens: 4096
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, Severity
from modelspec_ls.core.words import near
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import SEQUENCE, finding, judged, put
from modelspec_ls.rules.memory.sequence_exceeds_kv_cache import longest
from modelspec_ls.rules.meta import Rule
from modelspec_ls.spec.view import BATCH, MODEL
from modelspec_ls.syntax.nodes import Mapping, Missing, Scalar, deref
from modelspec_ls.syntax.scalars import resolve

META = Rule(
    "MS501",
    "max-sequence-length-required",
    "batching",
    Severity.ERROR,
    "A spec for vLLM must state the longest sequence",
    fixable=True,
)
_USUAL = 4096


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield a missing length, on the batch limits or the runtime that lacks them."""
    if ctx.view.text(*MODEL, "framework").value != "vllm" or not _missing(ctx):
        return
    if misplaced(ctx, "batch", str(SEQUENCE[-1])):
        return
    found, context = judged(ctx), ctx.deployment.context
    fit = longest(found) if found is not None else None
    message = "`framework: vllm` requires `runtime.batch.maxSequenceLengthTokens`, for the reference validator too."
    if ctx.deployment.model is not None and context:
        message += f" {ctx.deployment.model.id.rpartition('/')[2]} has a context of {context} tokens"
        message += f"; {fit} fit {found.on()}." if found is not None and fit else "."
    length = min((n for n in (fit, context if fit else None, _USUAL if not fit else None) if n), default=_USUAL)
    if context:
        length = min(length, context)
    sure = Applicability.SAFE if fit else Applicability.SUGGEST
    fix = Fix(f"Add `maxSequenceLengthTokens: {length}`", (put(ctx, SEQUENCE, str(length)),), sure)
    place = BATCH if ctx.find(BATCH) is not None else BATCH[:-1]
    yield finding(ctx, place, message, fixes=(fix,), part="key")


def misplaced(ctx: DocumentContext, *names: str) -> bool:
    """Whether one of these fields is there, misspelt or in the wrong place, which is an error of its own."""
    return any(p.kind == "unknown" and near(str(p.path[-1]), names) is not None for p in ctx.problems)


def _missing(ctx: DocumentContext) -> bool:
    """Whether there is no length; where its surroundings are wrong, the schema has spoken already."""
    if ctx.find(SEQUENCE) is not None:
        return False
    # A misspelt or misplaced length is one mistake, and the schema has named it.
    if any(p.kind == "unknown" and SEQUENCE[-1] in {p.near, p.path[-1]} for p in ctx.problems):
        return False
    runtime, batch = ctx.find(BATCH[:-1]), ctx.find(BATCH)
    if batch is None:
        return runtime is not None and isinstance(deref(runtime.node), Mapping)
    node = deref(batch.node)
    nothing = isinstance(node, Missing) or (isinstance(node, Scalar) and resolve(node) is None)
    return nothing or isinstance(node, Mapping)

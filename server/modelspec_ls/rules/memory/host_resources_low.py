"""The host needs memory to load the weights and cores for each accelerator.

## What it checks

`resources.memoryGb` below half of the weights; for transformers and for serving on the CPU below all of them, which
is a warning, for there the weights pass through host memory in one piece or stay in it. `resources.cpuCores` above 0,
but fewer than accelerators plus two for engines that run a process for each.

## Why it matters

Weights pass through host memory and pinned buffers on their way; with too little of it loading is slow or fails. The
processes of the accelerators, the scheduler and the API server wait busily; without a core each they slow all down.

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
      count: 4
    batch:
      maxSequenceLengthTokens: 4096
    resources:
      memoryGb: 32
#               ^^ information[host-resources-low]: 138 GB of weights
      cpuCores: 2
#               ^ information[host-resources-low]: runs 6 busy processes
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
      maxSequenceLengthTokens: 4096
    resources:
      memoryGb: 128
      cpuCores: 16
```
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.fit.inputs import GIB
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import SERVERS, finding, setting
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.pace import GB, loaded_bytes
from modelspec_ls.spec.view import ACCELERATOR

META = Rule(
    "MS310",
    "host-resources-low",
    "memory",
    Severity.INFORMATION,
    "The host needs memory to load the weights and cores for each accelerator",
    fixable=True,
    about=("spec.runtime.resources",),
)
_MEMORY = ("spec", "runtime", "resources", "memoryGb")
_CORES = ("spec", "runtime", "resources", "cpuCores")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield too little memory or too few cores, on the number."""
    yield from _memory(ctx)
    yield from _cores(ctx)


def _memory(ctx: DocumentContext) -> Iterator[Finding]:
    memory = ctx.view.number(*_MEMORY).value
    if memory is None or memory <= 0:
        return
    weights = loaded_bytes(ctx)
    whole = ctx.deployment.engine_name == "transformers" or _on_processor(ctx)
    if weights is None or memory * GIB >= weights.low * (1.0 if whole else 0.5):
        return
    enough = math.ceil(1.2 * weights.value / GB / 8) * 8
    message = (
        f"{memory:g} GB of host memory for {weights.value / GB:.0f} GB of weights makes loading slow, or fail; "
        f"{enough} GB are safer."
    )
    level = Severity.WARNING if whole else Severity.INFORMATION
    yield finding(ctx, _MEMORY, message, level, (setting(ctx, _MEMORY, enough),))


def _on_processor(ctx: DocumentContext) -> bool:
    words = vocabulary("vendor")
    term = words.find((ctx.view.text(*ACCELERATOR, "vendor").value or "").strip()) if words else None
    return term is not None and term.value == "cpu"


def _cores(ctx: DocumentContext) -> Iterator[Finding]:
    cores, count = ctx.view.integer(*_CORES).value, ctx.deployment.count
    if not cores or cores < 0 or count is None or ctx.deployment.engine.rule not in SERVERS or _on_processor(ctx):
        return
    enough = count + 2
    if cores < enough:
        message = (
            f"{cores} core{'s' * (cores > 1)} for {count} accelerator{'s' * (count > 1)}: "
            f"{ctx.deployment.engine.name} runs {enough} busy processes."
        )
        yield finding(ctx, _CORES, message, fixes=(setting(ctx, _CORES, enough),))

"""The weights must leave room for the KV cache in what the engine may take.

## What it checks

Weights, activations and overhead against the share of memory that the engine takes: `gpu_memory_utilization`, by
default 0.9 or 0.92 for vLLM. It fires where nothing is left for the KV cache even if every estimate is at its
favourable end. A warning; an error where the annotation `modelspec/gpu-memory-utilization` states the share.

## Why it matters

The engine refuses to start: "No available memory for the cache blocks".

## Bad

```yaml
spec:
  identity:
    model:
      id: qwen2-7b-instruct
      family: qwen2
      task: chat-completion
      framework: vllm
      precision: fp16
  runtime:
    accelerator:
      vendor: nvidia
      type: t4
#           ^^ warning[weights-exceed-budget]: leave no KV cache
      count: 1
    batch:
      maxSequenceLengthTokens: 4096
```

## Good

```yaml
spec:
  identity:
    model:
      id: qwen2-7b-instruct
      family: qwen2
      task: chat-completion
      framework: vllm
      precision: fp16
  runtime:
    accelerator:
      vendor: nvidia
      type: a10
      count: 1
    batch:
      maxSequenceLengthTokens: 4096
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import TYPE, UTILIZATION, Judged, exceeding, finding, gib, setting
from modelspec_ls.rules.meta import Rule

from .weights_exceed_memory import Way, offer, ways_out

META = Rule(
    "MS302",
    "weights-exceed-budget",
    "memory",
    Severity.WARNING,
    "The weights must leave room for the KV cache",
    fixable=True,
)
_SHARES = (0.92, 0.95, 0.97)
_WITH_SHARE = frozenset({"vllm", "sglang"})


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield weights that fill the engine's share, on the accelerator's type."""
    found = exceeding(ctx, "weights-exceed")
    if found is None or found.report.exceeds != "budget":
        return
    per = found.report.per_device
    if per.weights is None or per.budget is None or (per.kv_need is not None and not per.kv_need.value):
        return  # Encoders keep no cache, and so need no room for one.
    n, share = found.devices, found.report.utilization
    ways = [*([raised] if (raised := _raised(ctx, found)) else []), *ways_out(ctx, found)]
    at = f" at utilisation {share:g}" if share is not None and found.given.engine.rule in _WITH_SHARE else ""
    beside = sum(part.value for part in (per.activations, per.overhead) if part is not None) * n
    message = (
        f"{found.model} in {found.precision}: {gib(per.weights.value * n)} of weights and {gib(beside)} of working "
        f"memory leave no KV cache in the {gib(per.budget.value * n)} that {found.on()} offer{'' if n > 1 else 's'}"
        f"{at}.{offer(ways)}"
    )
    stated = found.given.gpu_memory_utilization is not None and found.given.engine.rule in _WITH_SHARE
    level = found.level(Severity.ERROR if stated else Severity.WARNING)
    yield finding(ctx, TYPE, message, level, tuple(way.fix for way in ways))


def _raised(ctx: DocumentContext, found: Judged) -> Way | None:
    """The smallest share of the accelerators that is enough."""
    now = found.report.utilization
    if found.given.engine.rule not in _WITH_SHARE or now is None:
        return None
    for share in _SHARES:
        if share > now and found.fits(gpu_memory_utilization=share):
            return Way(f"utilisation {share:g}", setting(ctx, UTILIZATION, share))
    return None

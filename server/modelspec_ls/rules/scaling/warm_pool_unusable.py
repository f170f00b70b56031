"""Warm instances must be able to take over.

## What it checks

`warmPool.size` above `maxReplicas - minReplicas`, and a warm pool with `strategy: manual`.

## Why it matters

A warm instance holds its accelerators all the time. One that can never be promoted is paid for and never used.

## Bad

```yaml
spec:
  operations:
    scaling:
      minReplicas: 2
      maxReplicas: 3
      strategy: reactive
      targetRps: 10
      warmPool:
        size: 4
#             ^ warning[warm-pool-unusable]: 3 of 4 warm instances are never used
```

## Good

```yaml
spec:
  operations:
    scaling:
      minReplicas: 2
      maxReplicas: 3
      strategy: reactive
      targetRps: 10
      warmPool:
        size: 1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, Related, RemovePair, SetValue, Severity
from modelspec_ls.core.words import plural
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule

from .invalid_replica_bounds import MAX, MIN, STRATEGY
from .scale_to_zero_cold_start import POOL, SIZE

META = Rule(
    "MS705",
    "warm-pool-unusable",
    "scaling",
    Severity.WARNING,
    "Warm instances must be able to take over",
    fixable=True,
    about=("spec.operations.scaling",),
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the size."""
    size = ctx.view.integer(*SIZE).value
    if not size or size < 0:
        return
    remove = Fix("Remove the warm pool", (RemovePair(ctx.at(POOL, "pair")),))
    if ctx.view.text(*STRATEGY).value == "manual":
        message = (
            f"With `strategy: manual` nothing promotes the {plural(size, 'warm instance')}"
            f"{_idle(ctx, size)}. Remove the pool, or choose another strategy."
        )
        yield Finding(message, ctx.at(SIZE), related=(Related(ctx.at(STRATEGY), "the strategy"),), fixes=(remove,))
        return
    low, high = ctx.view.integer(*MIN).value, ctx.view.integer(*MAX).value
    if low is None or high is None or not 0 <= low <= high or size <= high - low:
        return
    room = high - low
    most = Fix(f"Set `maxReplicas: {low + size}`", (SetValue(ctx.at(MAX), str(low + size)),))
    fewer = Fix(f"Set `size: {room}`", (SetValue(ctx.at(SIZE), str(room)),)) if room else remove
    can = f"Only {plural(room, 'more replica')}" if room else "No more replicas"
    message = (
        f"{can} can be added between {low} and {high}, so that {size - room} of {plural(size, 'warm instance')} are "
        f"never used{_idle(ctx, size - room)}."
    )
    yield Finding(message, ctx.at(SIZE), related=(Related(ctx.at(MAX), "the most"),), fixes=(fewer, most))


def _idle(ctx: DocumentContext, instances: int) -> str:
    count = ctx.deployment.count
    return f" ({plural(instances * count, 'idle accelerator')})" if count else ""

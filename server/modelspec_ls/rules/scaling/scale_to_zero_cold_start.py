"""A service that promises a latency cannot start from nothing.

## What it checks

`minReplicas: 0` together with `targetLatencyMsP95`, or in a production spec, without a warm pool of at least one. The
load time is estimated from the size of the weights at 1 GB per second.

## Why it matters

The first request waits for a pod and for the weights. Kubernetes' own scaling to zero does not even keep the request.

## Bad

```yaml
spec:
  operations:
    scaling:
      minReplicas: 0
#                  ^ warning[scale-to-zero-cold-start]: against a P95 target of 350 ms
      maxReplicas: 4
      targetLatencyMsP95: 350
```

## Good

```yaml
spec:
  operations:
    scaling:
      minReplicas: 1
      maxReplicas: 4
      targetLatencyMsP95: 350
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import setting
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.pace import GB, duration, load_seconds, loaded_bytes, number
from modelspec_ls.rules.statements import absent
from modelspec_ls.spec.view import SCALING

from .invalid_replica_bounds import MAX, MIN

META = Rule(
    "MS702",
    "scale-to-zero-cold-start",
    "scaling",
    Severity.WARNING,
    "A service that promises a latency cannot start from nothing",
    fixable=True,
    about=("spec.operations.scaling",),
)
POOL = (*SCALING, "warmPool")
SIZE = (*POOL, "size")
TARGET = (*SCALING, "targetLatencyMsP95")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the fewest replicas."""
    if not cold(ctx):
        return
    weights, seconds, target = loaded_bytes(ctx), load_seconds(ctx), ctx.view.number(*TARGET).value
    wait = "the first request waits for a pod and the weights"
    if weights is not None and seconds is not None:
        wait = f"the first request waits some {duration(seconds)} for {weights.value / GB:.0f} GB of weights"
    against = f", against a P95 target of {number(target)} ms" if target else ""
    drop = ", or drop the target" if target else ""
    keep = "Keep two replicas" if ctx.view.production else "Keep one replica, add a warm pool"
    message = f"At zero replicas {wait}{against}. {keep}{drop}."
    yield Finding(message, ctx.at(MIN), fixes=tuple(_fixes(ctx)))


def cold(ctx: DocumentContext) -> bool:
    """Whether the spec starts from nothing although it promises something."""
    if ctx.view.integer(*MIN).value != 0:
        return False
    size = ctx.view.integer(*SIZE)
    if size.state == "invalid" or (size.value or 0) >= 1 or ctx.view.integer(*MAX).value == 0:
        return False
    return bool(ctx.view.number(*TARGET).value) or ctx.view.production


def _fixes(ctx: DocumentContext) -> Iterator[Fix]:
    high, strategy = ctx.view.integer(*MAX).value, ctx.view.text(*SCALING, "strategy").value
    if ctx.view.production:  # Which a single replica would not do for either.
        if high is None or high >= 2:
            yield setting(ctx, MIN, 2)
        return
    yield setting(ctx, MIN, 1)
    # A spare needs room below the most, and a strategy that uses it.
    free = ctx.find(SIZE) is not None or absent(ctx, SIZE)
    if free and strategy != "manual" and (high is None or high >= 1):
        yield setting(ctx, SIZE, 1, "a warm pool of one")

"""Spot capacity needs a second replica.

## What it checks

`pricingHints.spotAllowed: true` in a production spec with fewer than two replicas, or without `minReplicas`. And, as
information, together with a latency target and without a warm pool.

## Why it matters

A provider takes spot machines back with a notice of a minute or two, far less than a large model takes to load.

## Bad

```yaml
metadata:
  name: chat
  labels:
    environment: prod
spec:
  governance:
    cost:
      pricingHints:
        spotAllowed: true
#                    ^^^^ warning[spot-without-redundancy]: can be reclaimed at short notice
```

## Good

```yaml
metadata:
  name: chat
  labels:
    environment: prod
spec:
  operations:
    scaling:
      minReplicas: 3
      maxReplicas: 6
  governance:
    cost:
      pricingHints:
        spotAllowed: true
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, SetValue, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import put
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.pace import duration, load_seconds, number
from modelspec_ls.rules.scaling.invalid_replica_bounds import MAX, MIN
from modelspec_ls.rules.scaling.scale_to_zero_cold_start import POOL, SIZE, TARGET
from modelspec_ls.rules.statements import absent

from .instance_type_mismatch import PRICING

META = Rule(
    "MS952",
    "spot-without-redundancy",
    "cost",
    Severity.WARNING,
    "Spot capacity needs a second replica",
    fixable=True,
    about=("spec.governance.cost",),
)
_SPOT = (*PRICING, "spotAllowed")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the switch."""
    if ctx.view.boolean(*_SPOT).value is not True:
        return
    low, target, seconds = ctx.view.integer(*MIN), ctx.view.number(*TARGET).value, load_seconds(ctx)
    time = f" (some {duration(seconds)})" if seconds is not None else ""
    off = Fix("Set `spotAllowed: false`", (SetValue(ctx.at(_SPOT), "false"),))
    if ctx.view.production and (low.value in {0, 1} or absent(ctx, MIN)):
        count = "one replica" if low.value == 1 else "no replica to spare" if low.value == 0 else "no stated minimum"
        message = (
            f"Spot capacity can be reclaimed at short notice; with {count} that is an outage of at least the load "
            f"time{time}. Keep two replicas, or do without spot."
        )
        yield Finding(message, ctx.at(_SPOT), fixes=(*_two(ctx), off))
    elif target and (absent(ctx, POOL) or ctx.view.integer(*SIZE).value == 0):
        message = (
            f"Reclaimed spot capacity takes at least the load time{time} to replace, against a P95 target of "
            f"{number(target)} ms, and there is no warm pool."
        )
        yield Finding(message, ctx.at(_SPOT), Severity.INFORMATION, fixes=(off,))


def _two(ctx: DocumentContext) -> Iterator[Fix]:
    high = ctx.view.integer(*MAX).value
    if high is None or high >= 2:
        yield Fix("Set `minReplicas: 2`", (put(ctx, MIN, "2"),))

"""What scales by itself or runs in production needs metrics.

## What it checks

`metrics.enabled: false` in a production spec, with an automatic scaling strategy, or with a scaling target and a range
of replicas. Also, as information, a production spec that says nothing about metrics.

## Why it matters

An autoscaler and a service level need a signal to act on; without metrics the replicas never change, and nobody
sees why.

## Bad

```yaml
spec:
  operations:
    scaling:
      minReplicas: 1
      maxReplicas: 4
      strategy: reactive
      targetRps: 10
    observability:
      metrics:
        enabled: false
#                ^^^^^ warning[metrics-disabled]: Metrics are disabled, but `strategy: reactive` depends on them
```

## Good

```yaml
spec:
  operations:
    scaling:
      minReplicas: 1
      maxReplicas: 4
      strategy: reactive
      targetRps: 10
    observability:
      metrics:
        enabled: true
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, SetValue, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import put
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.statements import absent, anchor
from modelspec_ls.spec.view import SCALING

META = Rule(
    "MS651",
    "metrics-disabled",
    "observability",
    Severity.WARNING,
    "What scales by itself or runs in production needs metrics",
    fixable=True,
)
METRICS = ("spec", "operations", "observability", "metrics")
_ENABLED = (*METRICS, "enabled")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the switch or the section that lacks metrics."""
    if ctx.view.boolean(*_ENABLED).value is False:
        needs = _needed(ctx)
        if needs:
            fix = Fix("Set `enabled: true`", (SetValue(ctx.at(_ENABLED), "true"),))
            yield Finding(f"Metrics are disabled, but {needs} on them.", ctx.at(_ENABLED), fixes=(fix,))
    elif ctx.view.production and absent(ctx, METRICS):
        fix = Fix("Add `metrics: {enabled: true}`", (put(ctx, METRICS, "\n  enabled: true"),))
        message = "No metrics in this production spec: say where they are with `observability.metrics`."
        yield Finding(message, ctx.at(anchor(ctx, METRICS), "key"), Severity.INFORMATION, fixes=(fix,))


def _needed(ctx: DocumentContext) -> str | None:
    """What depends on metrics, with its verb."""
    strategy = ctx.view.text(*SCALING, "strategy").value
    if strategy in {"reactive", "predictive"}:
        return f"`strategy: {strategy}` depends"
    low, high = (ctx.view.integer(*SCALING, name).value for name in ("minReplicas", "maxReplicas"))
    ranges = low is not None and high is not None and low < high
    for name in ("targetLatencyMsP95", "targetRps"):
        if ranges and ctx.view.number(*SCALING, name).value:
            return f"the scaling target `{name}` depends"
    return "a production service depends" if ctx.view.production else None

"""A range of replicas needs a strategy, and the strategy a target.

## What it checks

A range of replicas without `strategy`; an automatic strategy without `targetLatencyMsP95` and `targetRps`
(information); and, as a warning, statements that contradict each other: `manual` with a range, `reactive` or
`predictive` without one.

## Why it matters

Each of them is half a statement: whoever turns the spec into an autoscaler has to guess the other half.

## Bad

```yaml
spec:
  operations:
    scaling:
#   ^^^^^^^ hint[autoscaling-underspecified]: no `strategy` says how they change
      minReplicas: 1
      maxReplicas: 4
```

```yaml
spec:
  operations:
    scaling:
      minReplicas: 2
      maxReplicas: 2
      strategy: reactive
#               ^^^^^^^^ warning[autoscaling-underspecified]: but both bounds are 2
      targetRps: 10
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
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, SetValue, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import setting
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.statements import absent
from modelspec_ls.spec.view import SCALING

from .invalid_replica_bounds import AUTOMATIC, MAX, MIN, STRATEGY
from .scale_to_zero_cold_start import TARGET

META = Rule(
    "MS704",
    "autoscaling-underspecified",
    "scaling",
    Severity.HINT,
    "A range of replicas needs a strategy, and the strategy a target",
    fixable=True,
    about=("spec.operations.scaling",),
)
_RPS = (*SCALING, "targetRps")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the strategy or the section that lacks it."""
    low, high = ctx.view.integer(*MIN).value, ctx.view.integer(*MAX).value
    strategy = ctx.view.text(*STRATEGY).value
    ranges = low is not None and high is not None and low < high
    if ranges and absent(ctx, STRATEGY):
        message = f"Replicas range from {low} to {high}, but no `strategy` says how they change."
        yield Finding(message, ctx.at(SCALING, "key"), fixes=(setting(ctx, STRATEGY, "reactive"),))
    elif strategy == "manual" and ranges:
        message = f"`strategy: manual` with a range of {low} to {high} replicas: nothing changes the number by itself."
        fixes: list[Fix] = []
        if not absent(ctx, TARGET) or not absent(ctx, _RPS):
            fixes.append(Fix("Write `reactive`", (SetValue(ctx.at(STRATEGY), "reactive"),)))
        if low:
            fixes.append(Fix(f"Set `maxReplicas: {low}`", (SetValue(ctx.at(MAX), str(low)),)))
        yield Finding(message, ctx.at(STRATEGY), Severity.WARNING, fixes=tuple(fixes))
    elif strategy in AUTOMATIC and low is not None and low == high and high > 0:
        message = f"`strategy: {strategy}` changes the number of replicas, but both bounds are {low}."
        fix = Fix("Write `manual`", (SetValue(ctx.at(STRATEGY), "manual"),))
        yield Finding(message, ctx.at(STRATEGY), Severity.WARNING, fixes=(fix,))
    elif strategy in AUTOMATIC and absent(ctx, TARGET) and absent(ctx, _RPS):
        message = (
            f"`strategy: {strategy}` has no target to scale on. State `targetLatencyMsP95` in ms or `targetRps` in "
            "requests per second."
        )
        yield Finding(message, ctx.at(STRATEGY), Severity.INFORMATION)

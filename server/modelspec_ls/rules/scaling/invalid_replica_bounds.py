"""The fewest replicas must not be more than the most.

## What it checks

`minReplicas` above `maxReplicas`, which is an error; `maxReplicas: 0`, which never serves anything; and only one of
the two with an automatic strategy, as information.

## Why it matters

Kubernetes refuses an autoscaler whose maximum is below its minimum.

## Bad

```yaml
spec:
  operations:
    scaling:
      minReplicas: 4
#                  ^ error[invalid-replica-bounds]: `minReplicas: 4` is above `maxReplicas: 2`
      maxReplicas: 2
```

## Good

```yaml
spec:
  operations:
    scaling:
      minReplicas: 2
      maxReplicas: 4
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, Related, SetValue, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.statements import absent
from modelspec_ls.spec.view import SCALING

META = Rule(
    "MS701",
    "invalid-replica-bounds",
    "scaling",
    Severity.ERROR,
    "The fewest replicas must not be more than the most",
    fixable=True,
    about=("spec.operations.scaling",),
)
MIN, MAX = (*SCALING, "minReplicas"), (*SCALING, "maxReplicas")
STRATEGY = (*SCALING, "strategy")
AUTOMATIC = frozenset({"reactive", "predictive"})


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on a bound or the strategy."""
    low, high = ctx.view.integer(*MIN).value, ctx.view.integer(*MAX).value
    if low is not None and high is not None and low > high >= 0:
        yield _crossed(ctx, low, high)
    elif high == 0:
        fix = Fix("Set `maxReplicas: 1`", (SetValue(ctx.at(MAX), "1"),))
        message = "`maxReplicas: 0` never runs anything. Allow at least 1."
        yield Finding(message, ctx.at(MAX), Severity.WARNING, fixes=(fix,))
    elif ctx.view.text(*STRATEGY).value in AUTOMATIC and (low is None) != (high is None):
        missing = MIN if low is None else MAX
        if absent(ctx, missing):
            message = f"`strategy: {ctx.view.text(*STRATEGY).value}` needs both bounds; `{missing[-1]}` is not stated."
            yield Finding(message, ctx.at(STRATEGY), Severity.INFORMATION)


def _crossed(ctx: DocumentContext, low: int, high: int) -> Finding:
    fixes = []
    if high > 0:
        fixes.append(Fix("Exchange the two", (SetValue(ctx.at(MIN), str(high)), SetValue(ctx.at(MAX), str(low)))))
    # An automatic strategy needs a range, which equal bounds are not.
    if ctx.view.text(*STRATEGY).value not in AUTOMATIC:
        fixes.append(Fix(f"Set `maxReplicas: {low}`", (SetValue(ctx.at(MAX), str(low)),)))
        if high > 0:
            fixes.append(Fix(f"Set `minReplicas: {high}`", (SetValue(ctx.at(MIN), str(high)),)))
    message = f"`minReplicas: {low}` is above `maxReplicas: {high}`."
    return Finding(message, ctx.at(MIN), related=(Related(ctx.at(MAX), "the most"),), fixes=tuple(fixes))

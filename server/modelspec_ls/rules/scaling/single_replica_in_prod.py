"""Production should survive the loss of one replica.

## What it checks

`minReplicas` of 1 in a production spec; or of 0, where scaling to zero is not reported already.

## Why it matters

The failure of a node, or a new version, is an outage of at least the time that the weights take to load.

## Bad

```yaml
metadata:
  name: chat
  labels:
    environment: prod
spec:
  operations:
    scaling:
      minReplicas: 1
#                  ^ warning[single-replica-in-prod]: One replica in production
      maxReplicas: 4
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
      minReplicas: 2
      maxReplicas: 4
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, SetValue, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.pace import duration, load_seconds

from .invalid_replica_bounds import MAX, MIN
from .scale_to_zero_cold_start import cold

META = Rule(
    "MS703",
    "single-replica-in-prod",
    "scaling",
    Severity.WARNING,
    "Production should survive the loss of one replica",
    fixable=True,
    about=("spec.operations.scaling",),
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the fewest replicas."""
    low = ctx.view.integer(*MIN).value
    if low not in {0, 1} or not ctx.view.production or cold(ctx):
        return
    seconds, high = load_seconds(ctx), ctx.view.integer(*MAX).value
    if high == 0:
        return
    time = f" (some {duration(seconds)})" if seconds is not None else ""
    count = "One replica" if low else "No replica of its own"
    message = f"{count} in production: any restart is an outage of at least the load time{time}. Use `minReplicas: 2`."
    operations = (SetValue(ctx.at(MIN), "2"),)
    # Both bounds, or the maximum would fall below the minimum.
    both = (*operations, SetValue(ctx.at(MAX), "2")) if high == 1 else operations
    title = "Set `minReplicas: 2`" + (" and `maxReplicas: 2`" if high == 1 else "")
    yield Finding(message, ctx.at(MIN), fixes=(Fix(title, both),))

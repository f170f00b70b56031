"""The replicas must be able to hold the requests that are promised.

## What it checks

Requests in flight are arrival rate times time in the system (Little's law): `targetRps` times `targetLatencyMsP95`,
against `maxReplicas` times the requests that one replica holds, the smaller of `maxConcurrency` and `maxBatchSize`.
Above 80 % it is pointed out.

## Why it matters

More requests than slots wait in a queue that never gets shorter. The 95th percentile is above the mean, so the figure
is an upper bound.

## Bad

```yaml
spec:
  operations:
    serving:
      maxConcurrency: 32
    scaling:
      minReplicas: 1
      maxReplicas: 4
#                  ^ warning[capacity-below-target-rps]: 4 replicas x 32 = 128 slots
      strategy: reactive
      targetLatencyMsP95: 5000
      targetRps: 200
```

## Good

```yaml
spec:
  operations:
    serving:
      maxConcurrency: 32
    scaling:
      minReplicas: 1
      maxReplicas: 4
      strategy: reactive
      targetLatencyMsP95: 5000
      targetRps: 20
```
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, Related, SetValue, Severity
from modelspec_ls.core.words import plural
from modelspec_ls.knowledge.conventions import threshold
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import BATCH_SIZE
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.pace import number
from modelspec_ls.spec.view import SCALING, SERVING

from .invalid_replica_bounds import MAX, MIN
from .scale_to_zero_cold_start import TARGET

META = Rule(
    "MS706",
    "capacity-below-target-rps",
    "scaling",
    Severity.WARNING,
    "The replicas must be able to hold the requests that are promised",
    fixable=True,
    about=("spec.operations.scaling",),
)
_RPS = (*SCALING, "targetRps")
_CONCURRENCY = (*SERVING, "maxConcurrency")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the most replicas."""
    rate, latency = ctx.view.number(*_RPS).value, ctx.view.number(*TARGET).value
    replicas, low = ctx.view.integer(*MAX).value, ctx.view.integer(*MIN).value
    slots = [n for path in (_CONCURRENCY, BATCH_SIZE) if (n := ctx.view.integer(*path).value) is not None]
    if not rate or not latency or not replicas or not slots or min(slots) < 1 or replicas < (low or 0):
        return
    each = min(slots)
    flight, room = rate * latency / 1000, replicas * each
    if rate < 0 or latency < 0 or flight < threshold("slotsNearlyFull") * room:
        return
    over = flight > room
    # So many that the finding is gone.
    need = math.floor(flight / (each * threshold("slotsNearlyFull"))) + 1
    message = (
        f"{number(rate)} requests/s at up to {number(latency)} ms keep up to {flight:.0f} requests in flight; "
        f"{plural(replicas, 'replica')} x {each} = {room} slots"
    )
    if over:
        message += f". That needs {math.ceil(flight / each)} replicas, and {need} to keep queues short; "
        message += f"{room * 1000 / latency:.3g} requests/s are the most for {replicas}."
    else:
        message += f", {flight / room:.0%} of them. Queues grow long above 80 %; {need} replicas would leave room."
    related = tuple(Related(ctx.at(p), "enters the estimate") for p in (_RPS, TARGET, _CONCURRENCY) if ctx.find(p))
    fix = Fix(f"Set `maxReplicas: {need}`", (SetValue(ctx.at(MAX), str(need)),))
    yield Finding(message, ctx.at(MAX), None if over else Severity.INFORMATION, related, (fix,))

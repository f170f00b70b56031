"""A probe's timeout is the time of one attempt.

## What it checks

`timeoutSeconds` of a probe that is 0, below Kubernetes' minimum of 1, or above 30.

## Why it matters

The timeout limits a single attempt. Long ones are usually meant as time to start up, but delay the moment at which a
hanging replica is noticed. Start-up time belongs into a startup probe, which ModelSpec has no field for.

## Bad

```yaml
spec:
  operations:
    serving:
      readinessProbe:
        path: /health
        timeoutSeconds: 0
#                       ^ warning[probe-timeout-invalid]: Kubernetes takes 1 or more
```

```yaml
spec:
  operations:
    serving:
      livenessProbe:
        path: /health
        timeoutSeconds: 600
#                       ^^^ information[probe-timeout-invalid]: is the time that one attempt may take
```

## Good

```yaml
spec:
  operations:
    serving:
      readinessProbe:
        path: /health
        timeoutSeconds: 5
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, SetValue, Severity
from modelspec_ls.knowledge.conventions import threshold
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.pace import duration, load_seconds
from modelspec_ls.spec.view import SERVING

from .probe_path_unknown import PROBES

META = Rule(
    "MS603",
    "probe-timeout-invalid",
    "serving",
    Severity.WARNING,
    "A probe's timeout is the time of one attempt",
    fixable=True,
    about=("spec.operations.serving",),
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield timeouts, on the number."""
    for probe in PROBES:
        path = (*SERVING, probe, "timeoutSeconds")
        seconds = ctx.view.integer(*path).value
        if seconds == 0:
            fix = Fix("Set `timeoutSeconds: 1`", (SetValue(ctx.at(path), "1"),), Applicability.SAFE)
            message = "`timeoutSeconds: 0`: Kubernetes takes 1 or more, and 1 where nothing is said."
            yield Finding(message, ctx.at(path), fixes=(fix,))
        elif seconds is not None and seconds > threshold("probeTimeoutSeconds"):
            usual = f"{threshold('usualProbeTimeoutSeconds'):g}"
            load = load_seconds(ctx)
            here = f" (some {duration(load)} here)" if load is not None else ""
            message = (
                f"`timeoutSeconds: {seconds}` is the time that one attempt may take. To allow for loading{here}, use "
                f"a startup probe in the manifest, and {usual} here."
            )
            fix = Fix(f"Set `timeoutSeconds: {usual}`", (SetValue(ctx.at(path), usual),))
            yield Finding(message, ctx.at(path), Severity.INFORMATION, fixes=(fix,))

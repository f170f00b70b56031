"""A production spec should have a readiness probe.

## What it checks

`operations.serving.readinessProbe` in specs that say they run in production: by a label `environment`, `env` or
`stage`, else by a name ending in `-prod` or `-production`.

## Why it matters

Without it, traffic reaches a replica that is still loading gigabytes of weights.

## Bad

```yaml
metadata:
  name: chat
  labels:
    environment: prod
    team: ml-platform
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: sglang
  operations:
    serving:
#   ^^^^^^^ information[readiness-probe-missing]: No readiness probe
      port: 8000
```

## Good

```yaml
metadata:
  name: chat
  labels:
    environment: prod
    team: ml-platform
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: sglang
  operations:
    serving:
      port: 8000
      readinessProbe:
        path: /health
        timeoutSeconds: 5
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, Severity
from modelspec_ls.knowledge.conventions import threshold
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import put
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.pace import GB, duration, load_seconds, loaded_bytes
from modelspec_ls.rules.servers import servers
from modelspec_ls.rules.statements import absent, anchor
from modelspec_ls.spec.view import SERVING

META = Rule(
    "MS602",
    "readiness-probe-missing",
    "serving",
    Severity.INFORMATION,
    "A production spec should have a readiness probe",
    fixable=True,
)
_PROBE = (*SERVING, "readinessProbe")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the section that lacks the probe."""
    if not absent(ctx, _PROBE) or not ctx.view.production:
        return
    weights, seconds = loaded_bytes(ctx), load_seconds(ctx)
    why = "traffic reaches a replica before its model is loaded"
    if weights is not None and seconds is not None:
        size = f"{weights.value / GB:.0f} GB"
        why = f"the {size} of weights take some {duration(seconds)} to load, and traffic comes before"
    found = servers(ctx)
    path = found[0].facts["readinessPaths"][0] if found and found[0].facts.get("readinessPaths") else None
    timeout = f"{threshold('usualProbeTimeoutSeconds'):g}"
    advice = f"`readinessProbe: {{path: {path or '<path>'}, timeoutSeconds: {timeout}}}`"
    fixes: tuple[Fix, ...] = ()
    if path and ctx.view.text(*SERVING, "protocol").value in {None, "http"}:
        block = f"\n  path: {path}\n  timeoutSeconds: {timeout}"
        fixes = (Fix(f"Add a readiness probe on `{path}`", (put(ctx, _PROBE, block),), Applicability.SAFE),)
    yield Finding(f"No readiness probe: {why}. Add {advice}.", ctx.at(anchor(ctx, _PROBE), "key"), fixes=fixes)

"""A retention of zero days says two things.

## What it checks

`logsDays` or `artifactsDays` of 0.

## Why it matters

ModelSpec allows 0 without saying whether it means to keep nothing or to set no limit. Without old artifacts there is
nothing to roll back to.

## Bad

```yaml
spec:
  governance:
    compliance:
      retention:
        artifactsDays: 0
#                      ^ information[retention-zero]: reads as keep nothing
```

## Good

```yaml
spec:
  governance:
    compliance:
      retention:
        artifactsDays: 30
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, RemovePair, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule

from .pii_handling_undeclared import ALLOWED, COMPLIANCE

META = Rule(
    "MS904",
    "retention-zero",
    "governance",
    Severity.INFORMATION,
    "A retention of zero days says two things",
    fixable=True,
    about=("spec.governance.compliance",),
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield zeros, on the number."""
    for name in ("logsDays", "artifactsDays"):
        path = (*COMPLIANCE, "retention", name)
        if ctx.view.integer(*path).value != 0:
            continue
        clause = ", so that there is nothing to roll back to" if name == "artifactsDays" else ""
        message = f"`{name}: 0` reads as keep nothing{clause}. If you mean no limit, leave the field out."
        # Where personal data is allowed, logs need a limit.
        needed = name == "logsDays" and ctx.view.boolean(*ALLOWED).value
        fixes = () if needed else (Fix(f"Remove `{name}`", (RemovePair(ctx.at(path, "pair")),)),)
        yield Finding(message, ctx.at(path), fixes=fixes)

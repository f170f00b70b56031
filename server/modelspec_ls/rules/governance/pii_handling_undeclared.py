"""A spec should say how personal data is handled.

## What it checks

`compliance.pii.allowed` in a production spec. And wherever personal data is allowed, `retention.logsDays`, which is a
warning.

## Why it matters

Prompts hold what people type. Whether that may be personal data, and how long logs keep it, are the first questions of
every review.

## Bad

```yaml
spec:
  governance:
    compliance:
      pii:
        allowed: true
#                ^^^^ warning[pii-handling-undeclared]: no `retention.logsDays` limits how long logs keep it
```

## Good

```yaml
spec:
  governance:
    compliance:
      pii:
        allowed: true
      retention:
        logsDays: 30
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.knowledge.conventions import threshold
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import setting
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.statements import absent, anchor

META = Rule(
    "MS902",
    "pii-handling-undeclared",
    "governance",
    Severity.INFORMATION,
    "A spec should say how personal data is handled",
    fixable=True,
)
COMPLIANCE = ("spec", "governance", "compliance")
ALLOWED = (*COMPLIANCE, "pii", "allowed")
LOGS = (*COMPLIANCE, "retention", "logsDays")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the statement or on the section that lacks it."""
    if ctx.view.boolean(*ALLOWED).value and absent(ctx, LOGS):
        days = f"{threshold('usualLogsDays'):g}"
        message = "Personal data is allowed, but no `retention.logsDays` limits how long logs keep it."
        fix = setting(ctx, LOGS, days)
        yield Finding(message, ctx.at(ALLOWED), Severity.WARNING, fixes=(fix,))
    elif ctx.view.production and absent(ctx, ALLOWED):
        message = "Say whether requests may hold personal data: `governance.compliance.pii.allowed`."
        yield Finding(message, ctx.at(anchor(ctx, ALLOWED), "key"), fixes=(setting(ctx, ALLOWED, "false"),))

"""The policy on personal data must agree with the switch.

## What it checks

`pii.allowed: true` with a policy whose name forbids (`no_pii`, `none`, `deny`), and `pii.allowed: false` with one whose
name permits (`allow`). Ids of policies that stand elsewhere are not judged.

## Why it matters

Auditors read both, and tools only one of them.

## Bad

```yaml
spec:
  governance:
    compliance:
      pii:
        allowed: true
        policy: no_pii
#               ^^^^^^ warning[pii-policy-contradiction]: contradict each other
      retention:
        logsDays: 30
```

## Good

```yaml
spec:
  governance:
    compliance:
      pii:
        allowed: false
        policy: no_pii
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, Operation, Related, RemovePair, SetValue, Severity
from modelspec_ls.core.words import shorten
from modelspec_ls.knowledge import conventions
from modelspec_ls.knowledge.conventions import threshold
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import put
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.statements import absent, stated

from .pii_handling_undeclared import ALLOWED, COMPLIANCE, LOGS

META = Rule(
    "MS903",
    "pii-policy-contradiction",
    "governance",
    Severity.WARNING,
    "The policy on personal data must agree with the switch",
    fixable=True,
    about=("spec.governance.compliance",),
)
_POLICY = (*COMPLIANCE, "pii", "policy")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the policy."""
    policy, allowed = stated(ctx, *_POLICY), ctx.view.boolean(*ALLOWED).value
    if policy is None or allowed is None or stance(policy) is not (not allowed):
        return
    word = str(allowed).lower()
    other = str(not allowed).lower()
    operations: tuple[Operation, ...] = (SetValue(ctx.at(ALLOWED), other),)
    title = f"Set `allowed: {other}`"
    if not allowed and absent(ctx, LOGS):  # Logs with personal data need a limit.
        days = f"{threshold('usualLogsDays'):g}"
        operations, title = (*operations, put(ctx, LOGS, days)), f"{title}, with `logsDays: {days}`"
    fixes = (Fix(title, operations), Fix("Remove the policy", (RemovePair(ctx.at(_POLICY, "pair")),)))
    message = f"`policy: {shorten(policy)}` and `allowed: {word}` contradict each other. Correct the one that is wrong."
    yield Finding(message, ctx.at(_POLICY), related=(Related(ctx.at(ALLOWED), "the switch"),), fixes=fixes)


def stance(policy: str) -> bool | None:
    """Whether a policy permits personal data, by its name alone; None where the name does not say."""
    word = re.sub(r"[\s-]+", "_", policy.strip().lower())
    if word in conventions.words("piiPolicy", "forbids"):
        return False
    return True if word in conventions.words("piiPolicy", "permits") else None

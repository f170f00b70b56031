"""A policy must be about fields and values that exist.

## What it checks

Policy files, beyond their schema: paths of fields that ModelSpec does not have, arguments that do not suit the field,
parameters that nobody defines, patterns and expressions that do not compile, built-in rules that do not exist,
exemptions past their date, files that cannot be extended.

A rule with a mistake is not in force; all others are.

## Why it matters

A policy with a typo would allow everything, and nobody would notice.

## Bad

```yaml
apiVersion: modelspec-policy/v1alpha1
kind: ModelSpecPolicy
metadata:
  name: acme-platform
spec:
  rules:
    - name: approved-accelerators
      require:
        spec.runtime.acelerator.type: {in: [h100, l40s]}
#       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[invalid-policy]: did you mean `spec.runtime.accelerator.type`?
    - name: two-replicas
      require:
        spec.operations.scaling.minReplicas: {min: two}
#                                                  ^^^ error[invalid-policy]: `min` must be a number.
```

## Good

```yaml
apiVersion: modelspec-policy/v1alpha1
kind: ModelSpecPolicy
metadata:
  name: acme-platform
spec:
  rules:
    - name: approved-accelerators
      require:
        spec.runtime.accelerator.type: {in: [h100, l40s]}
    - name: two-replicas
      require:
        spec.operations.scaling.minReplicas: {min: 2}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import POLICIES, Rule

META = Rule(
    "PL102",
    "invalid-policy",
    "policy",
    Severity.ERROR,
    "A policy must be about fields and values that exist",
    fixable=True,
    kinds=POLICIES,
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield what keeps rules of a policy from being in force, and what in it does nothing."""
    from modelspec_ls.rules.policy_flaws import flaws  # noqa: PLC0415  (only where there are policies)

    return flaws(ctx)

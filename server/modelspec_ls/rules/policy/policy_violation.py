"""A document must satisfy the policies that hold for its folder.

## What it checks

Every rule of the policies in force: those in `modelspec-policy.yaml` and below `.modelspec/policies/`, in the
document's folder and those above it, and those that the settings name. The finding has the name of the policy's rule
and its severity, links to its page, and points back to its line. [How to write a policy](../policy.md).

## Why it matters

What a platform team asks for is seen while a deployment is written, not when it is refused.

## Bad

```yaml title="modelspec-policy.yaml"
apiVersion: modelspec-policy/v1alpha1
kind: ModelSpecPolicy
metadata:
  name: acme-platform
spec:
  rules:
    - name: log-retention-cap
      severity: error
      require:
        spec.governance.compliance.retention.logsDays: {max: 14, optional: true}
```

```yaml
spec:
  governance:
    compliance:
      retention:
        logsDays: 30
#                 ^^ error[log-retention-cap]: is 30; policy `acme-platform` asks for at most 14.
```

## Good

```yaml title="modelspec-policy.yaml"
apiVersion: modelspec-policy/v1alpha1
kind: ModelSpecPolicy
metadata:
  name: acme-platform
spec:
  rules:
    - name: log-retention-cap
      severity: error
      require:
        spec.governance.compliance.retention.logsDays: {max: 14, optional: true}
```

```yaml
spec:
  governance:
    compliance:
      retention:
        logsDays: 14
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule

META = Rule(
    "PL101",
    "policy-violation",
    "policy",
    Severity.WARNING,
    "A document must satisfy the policies that hold for its folder",
    fixable=True,
    scope="policy",
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield one finding per field that is not as a rule asks, or per expression that is not true."""
    from modelspec_ls.rules.violations import violations  # noqa: PLC0415  (only where there are policies)

    return violations(ctx)

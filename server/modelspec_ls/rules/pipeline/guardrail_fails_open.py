"""An optional guardrail lets traffic pass unchecked when it is down.

## What it checks

Dependencies with `role: guardrail` and `required: false`.

## Why it matters

Whoever reads "there is a guardrail" assumes that it always looks. This one is skipped when it does not answer. That
may be what you want; then say so where others look for it.

## Bad

```yaml
spec:
  pipeline:
    dependencies:
      - id: output-guardrail
        role: guardrail
        required: false
#                 ^^^^^ information[guardrail-fails-open]: passes unchecked
```

## Good

```yaml
spec:
  pipeline:
    dependencies:
      - id: output-guardrail
        role: guardrail
        required: true
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, SetValue, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule

META = Rule(
    "MS808",
    "guardrail-fails-open",
    "pipeline",
    Severity.INFORMATION,
    "An optional guardrail lets traffic pass unchecked when it is down",
    fixable=True,
    about=("spec.pipeline",),
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield guardrails that are not required, on the flag."""
    for reference in ctx.facts.references:
        if reference.role != "guardrail" or reference.required:
            continue
        path, name = reference.path("required"), reference.id or "the guardrail"
        yield Finding(
            f"`{name}` is optional: while it is unavailable, what it should check passes unchecked. "
            "Set `required: true` if that is not intended.",
            ctx.at(path),
            fixes=(Fix("Set `required: true`", (SetValue(ctx.at(path), "true"),)),),
        )

"""A number must lie in the range the schema allows.

## What it checks

Ports (1 to 65535), counts and sizes (at least 1), times, prices and days (not negative).

## Why it matters

The schema rejects the value; the right one cannot be guessed.

## Bad

```yaml
spec:
  operations:
    serving:
      port: 80000
#           ^^^^^ error[value-out-of-range]: must be from 1 to 65535
```

## Good

```yaml
spec:
  operations:
    serving:
      port: 8000
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.core.path import dotted
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.schema.navigate import Schema

META = Rule(
    "MS105",
    "value-out-of-range",
    "schema",
    Severity.ERROR,
    "A number must lie in the range the schema allows",
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield values out of range, on the value."""
    for problem in ctx.problems:
        if problem.kind == "range":
            value = problem.value if isinstance(problem.value, (int, float)) else "out of bounds"
            shown = str(value) if len(str(value)) < 25 else f"{value:.3g}"
            yield Finding(
                f"`{dotted(problem.path)}` is {shown}; it must be {constraint(problem.schema)}.",
                ctx.at(problem.path),
            )


def constraint(schema: Schema) -> str:
    """The allowed range in words."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"from {low} to {high}"
    if low == 0:
        return "0 or more"
    if low is not None:
        return f"at least {low}"
    if high is not None:
        return f"at most {high}"
    return "as the schema says: " + ", ".join(f"{k} {v}" for k, v in schema.items() if k in {"pattern", "maxItems"})
